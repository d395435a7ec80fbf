// The two ends of a thread: making a control block, and taking everything back.
//
// Owns:    declarations private to kernel/sched.
// Context: see each.

#pragma once

#include <sched/thread.hpp>

namespace fathom {

/// Frees an ended thread, which nobody else may name any more or free: waits until it has left its
/// CPU, gives back its id, its stack and its control block.
/// Context: preemptible, may fault; inside sched.
void free_thread(Thread& thread, Preemptible here);

/// Hands an ended thread that nobody will join to the reaper.
/// Context: atomic, interrupts off; no lock of rank wait_queue or higher held.
void give_to_reaper(Thread& thread, IrqsDisabled irqs);

/// Starts the reaper's thread.
/// Errors: out_of_memory.
/// Context: preemptible, may fault; once.
Result<void> start_reaper(Preemptible here);

/// Starts the thread that runs deferred RCU callbacks.
/// Errors: out_of_memory.
/// Context: preemptible, may fault; once.
Result<void> start_rcu_thread(Preemptible here);

}  // namespace fathom
