// Taking a range of pages out: the entries go, then every CPU forgets them, then frames are free.
//
// Owns:    nothing.
// Context: preemptible; some entries at a time with interrupts off.

#include <mm/unmap.hpp>

#include <context/atomic_scope.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/kernel_space.hpp>
#include <mm/shootdown.hpp>

namespace fathom::mm {

namespace {

using Format = arch::PageTableFormat;

/// What is taken out, until every CPU has forgotten it. An entry may be the mark of a lazy range.
struct Unmapped {
    void entry_gone(VirtAddr, std::uint64_t entry) {
        if (Format::is_present(entry)) {
            pages.push(Format::address(entry));
        }
    }
    void table_gone(PhysAddr table) { tables.push(table); }
    FrameList pages;
    FrameList tables;
};

}  // namespace

void unmap_pages(VirtAddr begin, VirtAddr end, Preemptible here) {
    Unmapped unmapped;
    for (VirtAddr at = begin; at < end;) {
        IrqsOff irqs{here, window<1024>};
        at = kernel_table.clear_some(at, end, unmapped);
    }
    shootdown_and_wait(begin, PageCount((end - begin) / kPageSize), Unlinked::tables_too, here);
    free_frame_list(unmapped.pages, here);
    free_frame_list(unmapped.tables, here);
}

}  // namespace fathom::mm
