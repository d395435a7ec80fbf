// What each rule claims, asserted at the site (FATHOM_STACK_INVARIANTS).
//
// The checks read registers and the context word and compare: they push nothing, call nothing, and
// fail by a jump. A checker that used the stack would touch the very page whose absence it should
// reveal (OSv's did).
//
// Owns:    check_rule().
// Context: any.

#pragma once

#include <arch/stack_probe.hpp>
#include <build_options.hpp>
#include <context/context_word.hpp>
#include <context/lazy_range.hpp>
#include <context/rule.hpp>
#include <lib/assert.hpp>

namespace fathom::detail {

template <Rule rule>
[[gnu::always_inline]] inline void check_rule() {
    if constexpr (!kStackInvariants) {
        return;
    } else if constexpr (rule == Rule::kernel_thread) {
        ASSERT(!in_lazy_range(arch::stack_pointer()),
               "rule 1 stated on a lazily populated stack (sp {}, context word {})",
               arch::stack_pointer(), arch::read_context_word());
    } else if constexpr (rule == Rule::populated_stack) {
        ASSERT(!in_lazy_range(arch::stack_pointer()),
               "rule 2 stated on a lazily populated stack (sp {}, context word {})",
               arch::stack_pointer(), arch::read_context_word());
    } else if constexpr (rule == Rule::already_atomic) {
        ASSERT(!ContextWord::now().preemptible(),
               "rule 3 stated in preemptible context (sp {}, context word {})",
               arch::stack_pointer(), arch::read_context_word());
    } else if constexpr (rule == Rule::preemptible) {
        ASSERT(ContextWord::now().preemptible(),
               "rule 4 stated in an atomic section (sp {}, context word {})",
               arch::stack_pointer(), arch::read_context_word());
    }
    // Rule 5 claims nothing.
}

}  // namespace fathom::detail
