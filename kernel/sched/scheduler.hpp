// Giving up the CPU, and making others ready to run.
//
// To wait: note down who should wake you, set current_thread().state to blocked while a lock keeps
// the waker out, unlock, switch_away(). A wake that comes before the switch finds a thread whose
// on_cpu is set, and queues it on its own CPU; switch_away() may then find that the next to run is
// itself.
//
// Owns:    switch_away(), make_runnable(), the tick.
// Context: atomic, interrupts off.
// Story:   called by wait queues, sync, timers and trap_dispatch.cpp; goes on in
//          arch/context_switch.hpp. preempt_here() (context/atomic_scope.hpp) is defined here too.

#pragma once

#include <arch/trap_frame.hpp>
#include <context/witness.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// Lets another thread run: the best one queued if the caller is blocked, the better of that and
/// the caller if it is not. Returns when the caller runs again, maybe on another CPU. A pending
/// reschedule is met by it.
/// Context: atomic, interrupts off (depth 1, no preemption off, no lock held).
void switch_away(IrqsDisabled irqs);

/// As switch_away() for a thread that was interrupted or faulted: returns if it shall go on at
/// once, else parks it in `frame` and does not return.
/// Context: exception stack, interrupts off; the interrupted code was preemptible.
void switch_away_from_trap(const arch::TrapFrame& frame, IrqsDisabled irqs);

/// Queues a blocked or new thread, which the caller alone may wake: on the CPU where it ran last,
/// or on one that is idle. Asks that CPU to reschedule where the thread should run at once.
/// Context: atomic, interrupts off; no lock of rank run_queue or higher held.
void make_runnable(Thread& thread, IrqsDisabled irqs);

/// The timer has fired: expired timers run, the slice may be over.
/// Context: exception stack, interrupts off.
void handle_tick(IrqsDisabled irqs);

/// Sees to it that this CPU is interrupted at `deadline` (cycles) at the latest.
/// Context: atomic, interrupts off.
void interrupt_at(std::uint64_t deadline, IrqsDisabled irqs);

}  // namespace fathom
