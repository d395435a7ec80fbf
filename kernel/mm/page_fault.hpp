// What a page fault means: the outcome that mm hands back to the trap's dispatcher.
//
// Owns:    FaultOutcome, handle_page_fault().
// Context: exception stack, interrupts off.
// Story:   called by sched/trap_dispatch.cpp, which retries, parks the thread or reports.

#pragma once

#include <cstdint>

#include <arch/trap.hpp>
#include <context/witness.hpp>

namespace fathom::mm {

enum class FaultOutcome : std::uint8_t {
    retry,            ///< the page is there now
    wait_for_memory,  ///< legal, but no frame is left: park the thread until a refill, then retry
    no_growth_left,   ///< allowed in an atomic section by the policy, but its frames are gone
    broken_rule,      ///< a stack page touched for the first time in an atomic section
    stack_overflow,   ///< the gap below a stack, lazy or populated
    not_a_stack,      ///< NULL, a wild pointer, code that is data, a write to what is read-only
    dead_stack,       ///< the stack of a thread that has ended
};

/// Decides whether a fault that serve_first_touch() has left is legal and, where it is, populates
/// the page. Touches resident memory only; waits for nothing.
/// Context: exception stack, interrupts off.
FaultOutcome handle_page_fault(const FaultInfo& fault, IrqsDisabled);

}  // namespace fathom::mm
