// TLB shootdown: making every CPU forget translations, and knowing that it has.
//
// There is no mailbox that could be held: requests are numbered. Whoever wants one takes the next
// number, notes the pages in the ring of recent requests, interrupts the other CPUs and waits until
// each has acknowledged that number or a later one. A CPU that is interrupted serves all requests
// since its last acknowledgement. Nobody holds anything while waiting, so any number of CPUs may
// wait for each other, and a waiter may be preempted.
//
// An acknowledgement means more than a clean TLB: the CPU took an interrupt, so it was not in a
// section with interrupts off. Every walk of the page tables that could have seen an unlinked table
// is over then; that is why aarch64, whose TLB invalidation needs no interrupt, sends one before
// page tables are freed.
//
// Owns:    the numbers, the ring, the acknowledgements, and the frames that wait for them.
// Context: waiting is for preemptible callers without spinlocks; atomic callers defer.
// Story:   comes from stacks and ranges that unmap; handle_shootdown() from the IPI's upcall.

#pragma once

#include <context/witness.hpp>
#include <lib/units.hpp>
#include <mm/frame.hpp>

namespace fathom::mm {

/// What has been unlinked, besides leaf entries.
enum class Unlinked : bool {
    pages_only,
    tables_too,  ///< page tables as well: no walk may still be in them when this returns
};

/// Makes the running CPU (aarch64: every CPU) forget the translations of `pages` pages from
/// `first`.
/// Context: any; atomic where "the running CPU" matters.
void forget_here(VirtAddr first, PageCount pages);

/// Makes every CPU forget the translations of `pages` pages from `first`; returns when all have.
/// Context: preemptible, may fault; no spinlock held.
void shootdown_and_wait(VirtAddr first, PageCount pages, Unlinked, Preemptible);

/// Returns when every other CPU has taken an interrupt since the call: no section with interrupts
/// off that was under way there, a fault's handler above all, is so any more.
/// Context: preemptible, may fault; no spinlock held.
inline void wait_for_handlers(Preemptible here) {
    shootdown_and_wait({0}, PageCount(0), Unlinked::tables_too, here);
}

/// Serves what other CPUs have asked of this one.
/// Context: exception stack, interrupts off.
void handle_shootdown(IrqsDisabled);

/// For atomic callers that have unmapped `page` and may not wait: keeps `frame` until
/// free_deferred_frames().
/// Context: atomic, interrupts off.
void defer_free(VirtAddr page, PhysAddr frame, IrqsDisabled);

/// Waits for every CPU once and frees all frames that were deferred before.
/// Context: preemptible, may fault; no spinlock held.
void free_deferred_frames(Preemptible);

/// Frees the frames of `list`, which nobody can reach any more.
/// Context: preemptible, may fault; inside mm.
void free_frame_list(FrameList& list, Preemptible);

}  // namespace fathom::mm
