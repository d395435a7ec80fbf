// The first touch of a lazy range's page.
//
// All that is needed stands in the entry that is replaced: no list of ranges is looked at, and no
// lock is taken that a call on the address space holds. Of the two that race for an entry one
// fails its compare-and-swap and looks again.
//
// Owns:    populate_lazy_page(), in_range_gap().
// Context: exception stack, interrupts off.
// Story:   called by page_fault.cpp, which has decided that waiting is legal here.

#include <mm/address_space.hpp>

#include <mm/frame_reserve.hpp>
#include <mm/range_entry.hpp>

namespace fathom::mm {

using Format = arch::PageTableFormat;

bool in_range_gap(VirtAddr address, IrqsDisabled) {
    return entry_of(address.page()) == kGapMarker;
}

FaultOutcome populate_lazy_page(VirtAddr address, IrqsDisabled irqs) {
    const VirtAddr page = address.page();
    const std::uint64_t old = entry_of(page);
    if (!Format::is_lazy(old)) {
        return Format::is_present(old) ? FaultOutcome::retry : FaultOutcome::not_a_stack;
    }
    FrameReserve& reserve = FrameReserve::this_cpu(irqs);
    const PhysAddr frame = reserve.take(irqs);
    if (frame.value == 0) {
        return FaultOutcome::wait_for_memory;
    }
    if (kernel_table.replace(page, old, page_entry(frame, Format::protection(old)))) {
        reserve.count_range_fault();
    } else {
        reserve.give_back(frame, irqs);  // another CPU was faster: look again
    }
    return FaultOutcome::retry;
}

}  // namespace fathom::mm
