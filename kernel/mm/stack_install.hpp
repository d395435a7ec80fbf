// The short way of a stack fault: a known page table, one compare-and-swap, a frame that lies
// ready.
//
// No walk: the stack remembers the table of its last page, and almost every page lies in the same
// one. Inlined into the fault handler, and without a call in it that comes back: the compiler then
// needs no registers to be kept, and a stack fault stays under its bar.
//
// Owns:    ThreadStack::install_at_once().
// Context: exception stack, interrupts off.
// Story:   comes from first_touch.hpp; whatever is not simple goes on in ThreadStack::install().

#pragma once

#include <mm/frame_reserve.hpp>
#include <mm/kernel_space.hpp>
#include <mm/thread_stack.hpp>

namespace fathom::mm {

/// The entry of a stack's page.
/// Context: any.
[[gnu::always_inline]] inline std::uint64_t stack_entry(PhysAddr frame) {
    return arch::PageTableFormat::leaf(frame, arch::Protection::read_write, 1);
}

/// The part of an address that all pages of one level-1 table have in common.
/// Context: any.
[[gnu::always_inline]] inline std::uint32_t table_region(VirtAddr address) {
    return static_cast<std::uint32_t>(address.value >> KernelTable::shift_of(2));
}

// The second reading of the word comes after the entry is written, both sequentially consistent;
// destroy() changes the word before it looks for entries. So one of the two sees the other.
inline AtOnce ThreadStack::install_at_once(VirtAddr address, PhysAddr frame, IrqsDisabled irqs) {
    const SlotValue before = word_.read();
    const std::uint64_t near = read_once(near_table_);
    if (!before.is_live() || static_cast<std::uint32_t>(near) != table_region(address))
        [[unlikely]] {
        return AtOnce::no;
    }
    const PhysAddr table = PhysAddr::of_frame(near >> 32);
    if (!KernelTable::install_beside(table, address, stack_entry(frame))) [[unlikely]] {
        return AtOnce::no;
    }
    FrameReserve::this_cpu(irqs).count_stack_fault();
    populated_.fetch_add(1);
    return word_.read() == before ? AtOnce::done : AtOnce::gone;
}

}  // namespace fathom::mm
