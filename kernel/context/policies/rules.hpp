// Policy `rules`: each site states why it is safe, and pays only for what it states.
//
// Legality:   preemptible context only, where the handler may wait for memory.
// Lesson:     stated at compile time, context is free (rules 1 to 3) or one load (4); 5 must test.
// Literature: OSv, "lazy stack" (N. Har'El, W. Kozaczuk, 2013-2022); the sound window is ours.
// Context:    any; no state.

#pragma once

#include <concepts>

#include <context/context_word.hpp>
#include <context/policies/defaults.hpp>
#include <context/rule.hpp>
#include <lib/units.hpp>

namespace fathom {

struct RulesPolicy : PolicyDefaults {
    static constexpr const char* kName = "rules";
    static constexpr bool kSound = true;

    /// A thread is born atomic, so its creator populates the page that its first section needs.
    static constexpr PageCount pages_at_creation(PageCount) { return PageCount(1); }

    static constexpr arch::Touch touch(Rule rule) {
        switch (rule) {
        case Rule::kernel_thread:
        case Rule::populated_stack:
        case Rule::already_atomic: return arch::Touch::never;
        case Rule::preemptible: return arch::Touch::always;
        case Rule::unknown: return arch::Touch::if_preemptible;
        }
        __builtin_unreachable();
    }

    /// Where below sp the load goes: where the site says.
    static constexpr unsigned window(unsigned bytes) { return bytes; }

    /// Populating may wait for memory, so only where waiting is allowed. The hardware's mask is
    /// asked too: code that masked interrupts without counting it would be caught here.
    static constexpr bool stack_fault_allowed(ContextWord word, bool irqs_on) {
        return word.preemptible() && irqs_on;
    }
};

}  // namespace fathom
