// Populating the window of a thread that is about to run: the policy `switch_in`.
//
// Owns:    populate_window_of().
// Context: atomic, interrupts off, no run queue locked.
// Story:   called by sched/scheduler.cpp before it switches.

#pragma once

#include <context/policy.hpp>
#include <context/witness.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// Populates the largest window below the sp of a parked application thread, as far as frames lie
/// ready: whoever switches waits for nothing, and takes no lock.
/// Context: atomic, interrupts off.
void populate_largest_window(const Thread& thread, IrqsDisabled irqs);

/// Nothing at all under other policies.
/// Context: atomic, interrupts off.
[[gnu::always_inline]] inline void populate_window_of(const Thread& next, IrqsDisabled irqs) {
    if constexpr (StackPolicy::kPopulatesAtSwitch) {
        if (next.is_application()) {
            populate_largest_window(next, irqs);
        }
    }
}

}  // namespace fathom
