// Taking a page from a live stack: what an adversary does on purpose, and a trimmer would.
//
// It is sound only for a page that lies wholly below what its thread relies on, while that thread
// is stopped: nothing below sp is live, but a prefault that was executed is, from its load to the
// end of its section. Whoever calls this knows both (tests/adversaries).
//
// Owns:    ThreadStack::take_page(); inline, so that a kernel whose code does not ask for it has
//          none of it.
// Context: interrupts off.

#pragma once

#include <arch/tlb.hpp>
#include <mm/kernel_space.hpp>
#include <mm/thread_stack.hpp>

namespace fathom::mm {

/// The running CPU has forgotten the page's translation on return. Others may have it cached: the
/// frame must not be used again, nor the thread run there, before they have forgotten it too.
///
/// The stack forgets which table its last page was in: once no page of it is left there, another
/// stack that shares the table may have it freed.
inline PhysAddr ThreadStack::take_page(VirtAddr page, IrqsDisabled) {
    __atomic_store_n(&near_table_, 0, __ATOMIC_RELAXED);
    const EntryPlace place = kernel_table.find(page);
    if (place.entry == nullptr) {
        return PhysAddr{0};
    }
    const std::uint64_t entry = __atomic_load_n(place.entry, __ATOMIC_RELAXED);
    if (entry == 0 || !kernel_table.remove(page, entry)) {
        return PhysAddr{0};
    }
    populated_.fetch_sub(1);
    arch::flush_tlb_page(page);
    return arch::PageTableFormat::address(entry);
}

}  // namespace fathom::mm
