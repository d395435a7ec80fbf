// Ranges: loops over page-table entries.
//
// Whoever works on a range's pages has claimed it (range_list.hpp), so that nobody else does; the
// pages' entries are changed by compare-and-swap against the faults of other CPUs.
//
// Owns:    the entries between kRangeBase and kRangeEnd.
// Context: preemptible.
// Story:   a touch of a lazy page goes to lazy_page.cpp.

#include <mm/address_space.hpp>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <context/kernel_work.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/kernel_space.hpp>
#include <mm/range_entry.hpp>
#include <mm/range_list.hpp>
#include <mm/shootdown.hpp>
#include <mm/thread_stack.hpp>
#include <mm/unmap.hpp>

namespace fathom::mm {

namespace {

using Format = arch::PageTableFormat;
using arch::Protection;

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

Result<void> mark(VirtAddr begin, VirtAddr end, std::uint64_t marker, Preemptible here) {
    for (VirtAddr page = begin; page < end; page = page + kPageSize) {
        IrqsOff irqs{here, window<1024>};
        TableSource source{irqs};
        if (kernel_table.install(page, marker, source) != InstallResult::done) {
            return Error::out_of_memory;
        }
    }
    return {};
}

/// The gap, the page for prefaults and the stack itself, of which the policy wants some pages now.
Result<void> map_stack(const Range& range, Protection protection, Preemptible here) {
    const VirtAddr gap_end = range.lowest + kStackGapBytes;
    Result<void> result = mark(range.lowest, gap_end, kGapMarker, here);
    if (result.ok()) {
        result = mark(gap_end, range.end, Format::lazy(protection), here);
    }
    // A fault here takes its frame from where it may have to wait: never in an atomic section.
    const std::uint64_t bytes = range.end - range.begin;
    const PageCount now = StackPolicy::kGrowsWhileAtomic ? PageCount(bytes / kPageSize)
                                                         : stack_pages_at_creation(bytes);
    for (std::size_t page = 1; page <= now.value && result.ok(); ++page) {
        result = populate_page(range.end - page * kPageSize, here);
    }
    return result;
}

Result<void> map_pages(const Range& range, Protection protection, Populate populate,
                       Preemptible here) {
    switch (populate) {
    case Populate::now: return map_populated(range, protection, here);
    case Populate::on_touch: return mark(range.begin, range.end, Format::lazy(protection), here);
    case Populate::as_stack: return map_stack(range, protection, here);
    }
    unreachable();
}

/// Gives the page of a range other rights; a fault that comes in between makes it try again.
void protect_page(VirtAddr page, Protection protection, IrqsDisabled) {
    for (;;) {
        const std::uint64_t old = entry_of(page);
        const std::uint64_t entry = Format::is_present(old)
                                        ? page_entry(Format::address(old), protection)
                                        : Format::lazy(protection);
        if (kernel_table.replace(page, old, entry)) {
            return;
        }
    }
}

}  // namespace

Result<void> populate_page(VirtAddr page, Preemptible here) {
    const PhysAddr frame = FATHOM_TRY(zeroed_frame(here));
    IrqsOff irqs{here, window<1024>};
    const std::uint64_t old = entry_of(page);
    const bool replaced =
        Format::is_lazy(old) &&
        kernel_table.replace(page, old, page_entry(frame, Format::protection(old)));
    if (!replaced) {
        free_frame(frame, static_cast<IrqsDisabled>(irqs));
    }
    return {};
}

Result<VirtAddr> map_range(std::uint64_t bytes, Protection protection, Populate populate,
                           Preemptible here) {
    const KernelWork work{here};
    if (bytes == 0 || bytes > kRangeEnd - kRangeBase || protection == Protection::device) {
        return Error::invalid_argument;
    }
    const std::uint64_t below =
        populate == Populate::as_stack ? kStackGapBytes + kPrefaultBytes : 0;
    Range* const range = FATHOM_TRY(add_range(align_up(bytes, kPageSize), below, here));
    const VirtAddr begin = range->begin;
    const Result<void> mapped = map_pages(*range, protection, populate, here);
    if (!mapped.ok()) {
        unmap_pages(range->lowest, range->end, here);
        forget_range(*range, here);
        return mapped.error();
    }
    unclaim_range(*range, here);
    return begin;
}

Result<void> unmap_range(VirtAddr begin, Preemptible here) {
    const KernelWork work{here};
    Range* const range = FATHOM_TRY(claim_range(begin, here));
    unmap_pages(range->lowest, range->end, here);
    forget_range(*range, here);
    return {};
}

Result<void> protect_range(VirtAddr begin, std::uint64_t bytes, Protection protection,
                           Preemptible here) {
    if (!is_part(begin, bytes) || protection == Protection::device) {
        return Error::invalid_argument;
    }
    const KernelWork work{here};
    const VirtAddr end = begin + align_up(bytes, kPageSize);
    Range* const range = FATHOM_TRY(claim_range_around(begin, end, here));
    for (VirtAddr page = begin; page < end; page = page + kPageSize) {
        IrqsOff irqs{here, window<512>};
        protect_page(page, protection, irqs);
    }
    // New code: a CPU may have fetched what was there before. The interrupt that it takes makes it
    // fetch again, also where forgetting translations needs none.
    const Unlinked ask =
        protection == Protection::read_execute ? Unlinked::tables_too : Unlinked::pages_only;
    shootdown_and_wait(begin, PageCount((end - begin) / kPageSize), ask, here);
    unclaim_range(*range, here);
    return {};
}

Result<void> populate_range(VirtAddr begin, Preemptible here) {
    const KernelWork work{here};
    Range* const range = FATHOM_TRY(claim_range(begin, here));
    Result<void> result;
    for (VirtAddr page = range->begin; page < range->end && result.ok(); page = page + kPageSize) {
        result = populate_page(page, here);
    }
    unclaim_range(*range, here);
    return result;
}

}  // namespace fathom::mm
