// Trimming: what deep recursion has populated goes back once nobody stands on it.
//
// The bytes below a thread's stack pointer mean nothing, but the pages that they lie in cost memory
// for as long as the thread lives. So, on request or when memory is short, parked threads are kept
// from running for a moment, and their stacks are cut below what they rely on:
//
//     parked in preemptible context (interrupted, or waiting for memory): nothing below sp
//     parked in an atomic section (it called the scheduler): the largest window below sp
//
// A thread that was interrupted between a site's load and its section is set back to the load,
// since the page that it has just touched may go. docs/memory-pressure.md has the invariants.
//
// Owns:    trim_stacks(), trim_thread().
// Context: preemptible.
// Story:   called by applications and by memory_refill.cpp; goes on in mm/stack_release.hpp.

#pragma once

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// Trims every application thread that is parked now; returns how many pages went back. Wake-ups of
/// a thread wait while it is being trimmed.
/// Context: preemptible, may fault; no spinlock held.
PageCount trim_stacks(Preemptible here);

/// Trims one thread; the running one may trim itself. 0 pages of a kernel thread.
/// Errors: not_found; busy (it runs, or somebody else is at it).
/// Context: preemptible, may fault; no spinlock held.
Result<PageCount> trim_thread(ThreadId id, Preemptible here);

/// The lowest byte of its stack that a parked application thread relies on.
/// Context: any, while the thread is kept from running.
VirtAddr relied_on_from(const Thread& thread);

}  // namespace fathom
