// Ranges: a sorted list of who has which addresses, and loops over page-table entries.
//
// The lock guards the list alone. Whoever works on a range's pages first marks it busy, so that
// nobody else does; the pages' entries are changed by compare-and-swap against the faults of
// other CPUs.
//
// Owns:    the list, and the entries between kRangeBase and kRangeEnd.
// Context: preemptible.
// Story:   a touch of a lazy page goes to lazy_page.cpp.

#include <mm/address_space.hpp>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <context/kernel_work.hpp>
#include <context/spinlock.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/heap.hpp>
#include <mm/kernel_space.hpp>
#include <mm/range_entry.hpp>
#include <mm/shootdown.hpp>

namespace fathom::mm {

namespace {

using Format = arch::PageTableFormat;
using arch::Protection;

struct Range {
    VirtAddr begin;
    VirtAddr end;
    Range* next;
    bool busy;
};

constinit Spinlock list_lock{LockRank::leaf};
constinit Range* ranges = nullptr;  // In ascending order. Protected by list_lock.

/// Finds the first hole that holds `range` and a page on either side; false where there is none.
bool place(Range& range, std::uint64_t bytes, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{list_lock, atomic};
    VirtAddr free_from = kRangeBase + kPageSize;
    Range** link = &ranges;
    while (*link != nullptr && (*link)->begin - free_from < bytes + kPageSize) {
        free_from = (*link)->end + kPageSize;
        link = &(*link)->next;
    }
    if (kRangeEnd - free_from < bytes + kPageSize) {
        return false;
    }
    range = {.begin = free_from, .end = free_from + bytes, .next = *link, .busy = true};
    *link = &range;
    return true;
}

/// The range that begins at `begin`, marked busy for the caller.
Result<Range*> claim(VirtAddr begin, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{list_lock, atomic};
    for (Range* range = ranges; range != nullptr; range = range->next) {
        if (range->begin == begin) {
            if (range->busy) {
                return Error::busy;
            }
            range->busy = true;
            return range;
        }
    }
    return Error::not_found;
}

void unclaim(Range& range, Preemptible here) {
    PreemptOff atomic{here, window<0>};
    SpinlockHeld held{list_lock, atomic};
    range.busy = false;
}

void forget(Range& range, Preemptible here) {
    {
        PreemptOff atomic{here, window<0>};
        SpinlockHeld held{list_lock, atomic};
        Range** link = &ranges;
        while (*link != &range) {
            link = &(*link)->next;
        }
        *link = range.next;
    }
    heap_free(&range, here);
}

struct ClearedRange {
    void entry_gone(VirtAddr, std::uint64_t entry) {
        if (Format::is_present(entry)) {
            pages.push(Format::address(entry));
        }
    }
    void table_gone(PhysAddr table) { tables.push(table); }
    FrameList pages;
    FrameList tables;
};

void clear(const Range& range, Preemptible here) {
    ClearedRange cleared;
    for (VirtAddr at = range.begin; at < range.end;) {
        IrqsOff irqs{here, window<1024>};
        at = kernel_table.clear_some(at, range.end, cleared);
    }
    shootdown_and_wait(range.begin, PageCount((range.end - range.begin) / kPageSize),
                       Unlinked::tables_too, here);
    free_frame_list(cleared.pages, here);
    free_frame_list(cleared.tables, here);
}

Result<PhysAddr> zeroed_frame(Preemptible here) {
    const PhysAddr frame = FATHOM_TRY(allocate_frame(here));
    arch::zero_page(phys_to_virt(frame).as());
    return frame;
}

Result<void> map_populated(const Range& range, Protection protection, Preemptible here) {
    for (VirtAddr page = range.begin; page < range.end; page = page + kPageSize) {
        const PhysAddr frame = FATHOM_TRY(zeroed_frame(here));
        const Result<void> mapped = map_page(page, frame, protection, here);
        if (!mapped.ok()) {
            free_frame(frame, here);
            return mapped;
        }
    }
    return {};
}

Result<void> mark_lazy(const Range& range, Protection protection, Preemptible here) {
    for (VirtAddr page = range.begin; page < range.end; page = page + kPageSize) {
        IrqsOff irqs{here, window<1024>};
        TableSource source{irqs};
        if (kernel_table.install(page, Format::lazy(protection), source) != InstallResult::done) {
            return Error::out_of_memory;
        }
    }
    return {};
}

/// Gives the page of a range other rights; a fault that comes in between makes it try again.
void protect_page(VirtAddr page, Protection protection, IrqsDisabled) {
    for (;;) {
        const std::uint64_t old = entry_of(page);
        const std::uint64_t entry = Format::is_present(old)
                                        ? Format::leaf(Format::address(old), protection, 1)
                                        : Format::lazy(protection);
        if (kernel_table.replace(page, old, entry)) {
            return;
        }
    }
}

/// Populates a page if it is still a marker.
Result<void> populate_page(VirtAddr page, Preemptible here) {
    const PhysAddr frame = FATHOM_TRY(zeroed_frame(here));
    IrqsOff irqs{here, window<1024>};
    const std::uint64_t old = entry_of(page);
    const bool replaced =
        Format::is_lazy(old) &&
        kernel_table.replace(page, old, Format::leaf(frame, Format::protection(old), 1));
    if (!replaced) {
        free_frame(frame, static_cast<IrqsDisabled>(irqs));
    }
    return {};
}

}  // namespace

Result<VirtAddr> map_range(std::uint64_t bytes, Protection protection, Populate populate,
                           Preemptible here) {
    const KernelWork work{here};
    if (bytes == 0 || bytes > kRangeEnd - kRangeBase || protection == Protection::device) {
        return Error::invalid_argument;
    }
    auto* const range = static_cast<Range*>(heap_allocate(sizeof(Range), here));
    if (range == nullptr) {
        return Error::out_of_memory;
    }
    if (!place(*range, align_up(bytes, kPageSize), here)) {
        heap_free(range, here);
        return Error::out_of_memory;
    }
    const VirtAddr begin = range->begin;
    const Result<void> mapped = populate == Populate::now ? map_populated(*range, protection, here)
                                                          : mark_lazy(*range, protection, here);
    if (!mapped.ok()) {
        clear(*range, here);
        forget(*range, here);
        return mapped.error();
    }
    unclaim(*range, here);
    return begin;
}

Result<void> unmap_range(VirtAddr begin, Preemptible here) {
    const KernelWork work{here};
    Range* const range = FATHOM_TRY(claim(begin, here));
    clear(*range, here);
    forget(*range, here);
    return {};
}

Result<void> protect_range(VirtAddr begin, Protection protection, Preemptible here) {
    const KernelWork work{here};
    if (protection == Protection::device) {
        return Error::invalid_argument;
    }
    Range* const range = FATHOM_TRY(claim(begin, here));
    for (VirtAddr page = range->begin; page < range->end; page = page + kPageSize) {
        IrqsOff irqs{here, window<0>};
        protect_page(page, protection, irqs);
    }
    shootdown_and_wait(range->begin, PageCount((range->end - range->begin) / kPageSize),
                       Unlinked::pages_only, here);
    unclaim(*range, here);
    return {};
}

Result<void> populate_range(VirtAddr begin, Preemptible here) {
    const KernelWork work{here};
    Range* const range = FATHOM_TRY(claim(begin, here));
    Result<void> result;
    for (VirtAddr page = range->begin; page < range->end && result.ok(); page = page + kPageSize) {
        result = populate_page(page, here);
    }
    unclaim(*range, here);
    return result;
}

}  // namespace fathom::mm
