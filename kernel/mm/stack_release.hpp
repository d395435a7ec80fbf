// Taking pages back from stacks that live on: what lies below a thread's stack pointer is of use to
// nobody, but a burst of deep recursion has populated it.
//
// Which pages may go is not decided here: the caller knows the thread and how far down it relies on
// its stack (sched/trim.cpp), or is the thread itself. What is promised here:
//
//   - a page is freed only after every CPU has forgotten it;
//   - the page that `keep_from` lies in and all above it stay, and so does the highest one;
//   - page tables stay until the stack ends: one for each 2 MiB that it ever reached.
//
// Owns:    StackCut, release_stack_pages().
// Context: each says.
// Story:   called by sched/trim.cpp, and by whoever evicts pages to prove that nobody needs them.

#pragma once

#include <span>

#include <context/witness.hpp>
#include <lib/units.hpp>
#include <mm/thread_stack.hpp>

namespace fathom::mm {

/// Whether stacks may lose pages under this policy: where all are populated at birth, no fault is
/// legal that would bring one back, and nothing is released.
/// Context: any; a constant.
inline constexpr bool kStacksShrink = stack_pages_at_creation(MiB(1)) < PageCount(256);

/// Where a stack shall end, for now.
struct StackCut {
    ThreadStack* stack = nullptr;
    VirtAddr keep_from;  ///< the lowest byte that somebody relies on
};

/// Stacks that one call takes at most: all of them cost two shootdowns together.
inline constexpr std::size_t kMostCuts = 16;

/// Frees the pages of live stacks below their cuts; says how many there were. Until it returns no
/// CPU may touch what is cut off: the stacks' threads do not run (or run this, further up).
/// Context: preemptible, may fault; no spinlock held.
PageCount release_stack_pages(std::span<const StackCut> cuts, Preemptible);

/// The same for one stack whose thread this CPU has interrupted. Another CPU may still remember
/// what has gone: the thread must not move to one before that has taken a shootdown.
/// Context: atomic, interrupts off.
PageCount release_stack_pages(const StackCut& cut, IrqsDisabled);

}  // namespace fathom::mm
