// Taking the pages of a stopped thread's stack that lie wholly below some byte.
//
// Owns:    take_pages_below().
// Context: interrupts off; the thread is stopped.

#pragma once

#include <mm/stack_eviction.hpp>

namespace fathom {

/// Calls `taken(PhysAddr)` with the frame of each page that goes. Nobody may use it before every
/// CPU that may have the page's translation has forgotten it. Pages appear next to sp: the search
/// ends after `patience` absent ones in a row.
template <typename Taken>
void take_pages_below(mm::ThreadStack& stack, VirtAddr limit, unsigned patience, IrqsDisabled irqs,
                      Taken taken) {
    VirtAddr page = limit.page();
    for (unsigned absent = 0; absent < patience && page > stack.first_page();) {
        page = page - kPageSize;
        const PhysAddr frame = stack.take_page(page, irqs);
        if (frame.value == 0) {
            ++absent;
        } else {
            absent = 0;
            taken(frame);
        }
    }
}

}  // namespace fathom
