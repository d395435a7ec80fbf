// Pages off live stacks: unlink, shoot down, free.
//
// A fault on such a stack may be under way on another CPU: a thread may touch another one's frames
// above the cut. Its short way (stack_install.hpp) trusts that the table which near_table_ names
// stays; so the highest page's table is named first, and faults that have read the old name are
// waited for.
//
// Owns:    StackRelease.
// Context: as the header says.
// Story:   goes on in shootdown.cpp.

#include <mm/stack_release.hpp>

#include <algorithm>

#include <arch/tlb.hpp>
#include <context/atomic_scope.hpp>
#include <context/online_cpus.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/kernel_space.hpp>
#include <mm/shootdown.hpp>

namespace fathom::mm {

/// What is taken from some stacks, until it can be freed.
class StackRelease {
public:
    static void name_lasting_table(ThreadStack& stack, IrqsDisabled irqs) {
        stack.remember_table(stack.top() - kPageSize, irqs);
    }

    /// Takes some of the pages below the cut, from `at` up; returns where to go on.
    VirtAddr unlink_some(ThreadStack& stack, VirtAddr at, VirtAddr end, IrqsDisabled) {
        const std::uint32_t before = pages_.count;
        at = kernel_table.clear_some<EmptyTables::stay>(at, end, *this);
        stack.populated_.fetch_sub(pages_.count - before);
        return at;
    }

    /// Where the cut goes: at a page's edge, and never above the highest page.
    static VirtAddr end_of(const StackCut& cut) {
        return kStacksShrink ? std::min(cut.keep_from.page(), cut.stack->top() - kPageSize)
                             : cut.stack->first_page();
    }

    /// Called by the page table for each page that is gone.
    void entry_gone(VirtAddr page, std::uint64_t entry) {
        lowest_ = std::min(lowest_, page);
        highest_ = std::max(highest_, page);
        pages_.push(arch::PageTableFormat::address(entry));
    }

    FrameList& pages() { return pages_; }
    VirtAddr lowest() const { return lowest_; }
    /// From the lowest to the highest page that is gone.
    PageCount span() const { return PageCount((highest_ - lowest_) / kPageSize + 1); }

private:
    FrameList pages_;
    VirtAddr lowest_{~std::uint64_t{0}};
    VirtAddr highest_{0};
};

PageCount release_stack_pages(std::span<const StackCut> cuts, Preemptible here) {
    for (const StackCut& cut : cuts) {
        IrqsOff irqs{here, window<512>};
        StackRelease::name_lasting_table(*cut.stack, irqs);
    }
    wait_for_handlers(here);
    StackRelease release;
    for (const StackCut& cut : cuts) {
        const VirtAddr end = StackRelease::end_of(cut);
        for (VirtAddr at = cut.stack->first_page(); at < end;) {
            IrqsOff irqs{here, window<1024>};
            at = release.unlink_some(*cut.stack, at, end, irqs);
        }
    }
    const PageCount pages(release.pages().count);
    if (pages.value != 0) {
        shootdown_and_wait(release.lowest(), release.span(), Unlinked::pages_only, here);
        free_frame_list(release.pages(), here);
    }
    return pages;
}

PageCount release_stack_pages(const StackCut& cut, IrqsDisabled irqs) {
    StackRelease release;
    StackRelease::name_lasting_table(*cut.stack, irqs);
    const VirtAddr end = StackRelease::end_of(cut);
    for (VirtAddr at = cut.stack->first_page(); at < end;) {
        at = release.unlink_some(*cut.stack, at, end, irqs);
    }
    const PageCount pages(release.pages().count);
    if (pages.value == 0) {
        return pages;
    }
    forget_here(release.lowest(), release.span());
    const bool forgotten = arch::kTlbFlushReachesAllCpus || online_cpu_count() == 1;
    while (!release.pages().empty()) {
        const PhysAddr frame = release.pages().pop();
        forgotten ? free_frame(frame, irqs) : defer_free(cut.keep_from.page(), frame, irqs);
    }
    return pages;
}

}  // namespace fathom::mm
