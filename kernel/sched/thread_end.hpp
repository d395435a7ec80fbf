// Ending a thread from outside, when memory is out and nothing else would bring any.
//
// The thread never runs again: nothing of it is unwound. What the kernel keeps for it is put in
// order: its stack's pages are freed, timers that stand on its stack are cancelled, the mutexes
// that it held go on to who waits for them and say that their owner died, and who joins it is told.
// Its control block stays for ever, since mutexes that it held may still name it.
//
// Owns:    end_claimed_thread(), report_largest_stacks().
// Context: preemptible.
// Story:   called by memory_refill.cpp; the mutexes' part is sync/mutex.cpp's.

#pragma once

#include <context/witness.hpp>
#include <sched/stack_claim.hpp>

namespace fathom {

class Mutex;

/// Whether a thread may be ended at all: an application thread in no kernel work, on whose stack
/// nobody else waits for anything.
/// Context: preemptible, may fault; inside sched. The thread is claimed.
bool may_be_ended(const Thread& thread, Preemptible here);

/// Ends the thread that the claim keeps from running; the claim is over then.
/// Context: preemptible, may fault; inside sched. On a kernel thread.
void end_claimed_thread(StackClaim& claim, Preemptible here);

/// Logs the application threads with the largest stacks.
/// Context: preemptible, may fault; inside sched.
void report_largest_stacks(Preemptible here);

/// Upcall: defined in sync/mutex.cpp. The owner of `mutex` may be `ended`: then the longest waiting
/// thread becomes its owner.
/// Context: preemptible, may fault; inside kernel. Somebody who waits for the mutex is claimed.
void hand_over_from_ended(Mutex& mutex, const Thread& ended, Preemptible here);

}  // namespace fathom
