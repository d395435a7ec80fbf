// Keeping a parked thread from running while somebody works on its stack.
//
// A claimed thread is blocked, or in nobody's queue, and its affinity is empty: a wake-up finds no
// CPU that it may run on, takes the long way of placing it, and there leaves word that it has come.
// So a wake-up waits, and the short way of waking pays nothing for claims. Who is claimed cannot
// end either, and stays where it is.
//
// Owns:    StackClaim, claim_parked(), release_claim().
// Context: atomic, interrupts off; see each.
// Story:   used by trim.cpp and by whoever ends a thread (thread_end.cpp).

#pragma once

#include <context/witness.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// Protected by the run queue lock of the thread's CPU.
struct StackClaim {
    Thread* thread = nullptr;
    CpuMask affinity = 0;  ///< the thread's, for afterwards
    bool woken = false;    ///< it is to be placed afterwards
};

/// Claims a thread that is parked: blocked, or ready but not running. False where it
/// is neither, or somebody else's claim. `thread` must exist: its table slot is locked, or so.
/// Context: atomic, interrupts off; no lock of rank run_queue or higher held.
bool claim_parked(Thread& thread, StackClaim& claim, IrqsDisabled irqs);

/// Lets it run again, at once if it has been woken.
/// Context: atomic, interrupts off; no lock of rank run_queue or higher held.
void release_claim(StackClaim& claim, IrqsDisabled irqs);

}  // namespace fathom
