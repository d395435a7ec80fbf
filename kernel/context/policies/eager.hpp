// Policy `eager`: the whole stack at creation, as almost every kernel does it.
//
// Lesson:     nothing to touch, nothing to prove, and every thread pays for its deepest moment.
// Literature: the default of all eight small kernels that were looked at.

#pragma once

#include <context/context_word.hpp>
#include <context/policies/defaults.hpp>
#include <context/rule.hpp>
#include <lib/units.hpp>

namespace fathom {

struct EagerPolicy : PolicyDefaults {
    static constexpr const char* kName = "eager";
    static constexpr bool kSound = true;

    static constexpr PageCount pages_at_creation(PageCount whole) { return whole; }

    /// Off means off: no instruction at any site.
    static constexpr arch::Touch touch(Rule) { return arch::Touch::never; }

    static constexpr unsigned window(unsigned bytes) { return bytes; }

    /// Legality: nowhere. No page is ever absent, so a stack fault means that something is broken.
    static constexpr bool stack_fault_allowed(ContextWord, bool) { return false; }
};

}  // namespace fathom
