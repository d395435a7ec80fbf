// What an application knows of its pages: it will need them, or does not need them any more.
//
// A page that goes back leaves a marker like those of a lazy range, with the rights that it had: so
// any range can be advised, and what is touched again comes back zeroed.
//
// Context: preemptible.

#include <mm/address_space.hpp>

#include <context/atomic_scope.hpp>
#include <context/kernel_work.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/range_entry.hpp>
#include <mm/range_list.hpp>
#include <mm/shootdown.hpp>

namespace fathom::mm {

namespace {

using Format = arch::PageTableFormat;

/// Other CPUs may use the frame until they have forgotten the page: it only goes into the list.
void give_page_back(VirtAddr page, FrameList& frames, IrqsDisabled) {
    const std::uint64_t old = entry_of(page);
    if (Format::is_present(old) &&
        kernel_table.replace(page, old, Format::lazy(Format::protection(old)))) {
        frames.push(Format::address(old));
    }
}

void give_back(VirtAddr begin, VirtAddr end, Preemptible here) {
    FrameList frames;
    for (VirtAddr page = begin; page < end; page = page + kPageSize) {
        IrqsOff irqs{here, window<512>};
        give_page_back(page, frames, irqs);
    }
    shootdown_and_wait(begin, PageCount((end - begin) / kPageSize), Unlinked::pages_only, here);
    free_frame_list(frames, here);
}

Result<void> bring(VirtAddr begin, VirtAddr end, Preemptible here) {
    for (VirtAddr page = begin; page < end; page = page + kPageSize) {
        const Result<void> populated = populate_page(page, here);
        if (!populated.ok()) {
            return populated;
        }
    }
    return {};
}

}  // namespace

Result<void> advise_range(VirtAddr begin, std::uint64_t bytes, Advice advice, Preemptible here) {
    if (!is_part(begin, bytes)) {
        return Error::invalid_argument;
    }
    const KernelWork work{here};
    const VirtAddr end = begin + align_up(bytes, kPageSize);
    Range* const range = FATHOM_TRY(claim_range_around(begin, end, here));
    Result<void> result;
    switch (advice) {
    case Advice::will_need: result = bring(begin, end, here); break;
    case Advice::not_needed: give_back(begin, end, here); break;
    }
    unclaim_range(*range, here);
    return result;
}

}  // namespace fathom::mm
