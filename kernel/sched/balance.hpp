// On which CPU a thread runs.
//
// Every CPU's run queue has a virtual time of its own; clock_offset places it in that of the
// machine. A CPU that is ahead of another has given its threads more than the other could: it takes
// one over. That makes shares fair across CPUs without one queue for all of them.
//
// Owns:    placement on wake, pulling, the common virtual time. Private to kernel/sched.
// Context: atomic, interrupts off, no run queue locked where nothing else is said.
// Story:   called by scheduler.cpp (wake), tick.cpp (each slice) and idle.cpp.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <sched/cpu_scheduler.hpp>

namespace fathom {

/// The CPU that a thread which is about to be queued should run on: its last one where that is
/// idle, else an idle one, else its last one, else the one with the fewest queued, of those that it
/// may use. Waits until the thread is saved where it must go elsewhere.
std::uint32_t choose_cpu(const Thread& thread);

/// Queues a thread that is in no queue where choose_cpu() says: make_runnable() without its short
/// cut.
void place_thread(Thread& thread, IrqsDisabled irqs);

/// Queues a thread that has never run, with no advantage and no debt.
void place_new_thread(Thread& thread, IrqsDisabled irqs);

/// Queues on a CPU that is locked, and asks it to reschedule where that thread should run at once.
/// Defined in scheduler.cpp.
/// Context: atomic, interrupts off, the CPU's run queue locked.
void queue_from_elsewhere(CpuScheduler& cpu, std::uint32_t index, Thread& thread);

/// Takes a thread over from a CPU that has some waiting. True if there is one now.
bool pull_for_idle(IrqsDisabled irqs);

/// At the end of a slice: keeps the CPU's virtual time near the machine's, takes a thread over from
/// a CPU that is clearly behind, wakes an idle CPU where threads wait here.
void balance_at_slice_end(IrqsDisabled irqs);

}  // namespace fathom
