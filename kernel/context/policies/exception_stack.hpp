// Policy `exception_stack`: nothing before a section; a stack fault is served in any context.
//
// The handler runs on a stack of its own (all our policies have that), so nothing in the hardware
// forbids to grow a stack while interrupts are off. What does is memory: nobody may wait there, and
// no lock may be taken, since the interrupted code may hold it. So frames are kept for it, per CPU,
// that only the handler takes and only a kernel thread puts there; the fault asks for more by an
// interrupt to its own CPU, which comes when the section has ended.
//
// Legality:   any context. When the frames are gone, an atomic section cannot wait for more: the
//             kernel ends with a report (the expected panic "growth_reserve_dry").
// Lesson:     no site has to say anything, and nothing can be forgotten; in exchange memory can run
//             out where nobody may say no.
// Literature: dynamic kernel stacks for Linux (P. Tatashin, 2024; K. Stevens, 2026; L. Walleij for
//             arm64, 2025); refused there for exactly that.
// Context:    any; no state.

#pragma once

#include <context/policies/rules.hpp>

namespace fathom {

struct ExceptionStackPolicy : RulesPolicy {
    static constexpr const char* kName = "exception_stack";
    static constexpr bool kGrowsWhileAtomic = true;

    static constexpr arch::Touch touch(Rule) { return arch::Touch::never; }
};

}  // namespace fathom
