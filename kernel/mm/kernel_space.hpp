// The one address space: its final page table and what is mapped where.
//
// Owns:    kernel_table, and the mappings of the image, of RAM and of device registers.
// Context: each says. Everything in it may run on several CPUs at once: page_table.hpp.
// Story:   built by mm::init(), which drops boot's tables; grown by stacks and ranges.

#pragma once

#include <cstdint>

#include <arch/page_table_format.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/thread_safety.hpp>
#include <lib/units.hpp>
#include <mm/direct_map.hpp>
#include <mm/frame.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/page_table.hpp>
#include <mm/physical_memory.hpp>

namespace fathom::mm {

/// How the kernel's tables reach memory: through the direct map.
struct KernelTableMemory {
    /// Where the entries of a table are, and its count of those that are not zero.
    /// Context: any.
    [[gnu::always_inline]] static std::uint64_t* entries(PhysAddr table) {
        return phys_to_virt(table).as<std::uint64_t>();
    }
    /// Context: any.
    [[gnu::always_inline]] static std::int16_t& live(PhysAddr table) {
        return frame_of_page(table).live;
    }
    [[gnu::always_inline]] static void publish() { arch::publish_entries(); }
};
using KernelTable = PageTable<arch::PageTableFormat, KernelTableMemory>;

/// The table that every CPU translates with. Its root is constant after init_kernel_space().
inline constinit KernelTable kernel_table;

/// Zeroed frames for tables, from the running CPU's reserve or the allocator. Does not outlive the
/// call that is given it, so `irqs` is true as long as it lives.
struct TableSource {
    IrqsDisabled irqs;
    /// Context: atomic, interrupts off.
    PhysAddr take_table() FATHOM_VOUCHED_FOR { return FrameReserve::this_cpu(irqs).take(irqs); }
    /// Context: atomic, interrupts off.
    void give_back(PhysAddr frame) FATHOM_VOUCHED_FOR {
        FrameReserve::this_cpu(irqs).give_back(frame, irqs);
    }
    void linked(PhysAddr frame) { frame_of(frame).kind = FrameKind::page_table; }
};

/// The frame's bytes are instructions from now on. Out of line: rare, and long on aarch64.
/// Context: any; inside mm.
[[gnu::cold]] void publish_code_in(PhysAddr frame);

/// The entry of a page that `frame` lies behind. What may be executed is published as code first:
/// zeros as well, since caches may hold instructions of an earlier life of the frame.
/// Context: any; inside mm.
inline std::uint64_t page_entry(PhysAddr frame, arch::Protection protection) {
    if (protection == arch::Protection::read_execute) {
        publish_code_in(frame);
    }
    return arch::PageTableFormat::leaf(frame, protection, 1);
}

/// Maps one page at `page`, where nothing is mapped yet.
/// Errors: out_of_memory, already_exists.
/// Context: atomic, interrupts off.
Result<void> map_page(VirtAddr page, PhysAddr frame, arch::Protection, IrqsDisabled);
/// Context: preemptible, may fault; inside mm.
Result<void> map_page(VirtAddr page, PhysAddr frame, arch::Protection, Preemptible);

/// Makes `bytes` of device registers (or of firmware's tables) at `address` readable and writable,
/// uncached, and returns where: at their place in the direct map. What is mapped already stays as
/// it is. Panics when there is no memory for a table.
/// Context: atomic, interrupts off; boot.
VirtAddr map_device(PhysAddr address, std::uint64_t bytes);

// The questions walk the tables (page_table.hpp, rule 1): interrupts are off, or nobody else unmaps
// what lies around `address`, or the other CPUs stand still. An answer is good for as long.

/// The physical address behind `address`; not_found where nothing is mapped.
/// Context: any, where no table can go away: see above.
Result<PhysAddr> translate(VirtAddr address);

/// As translate(), of memory only: not_found where a device's registers are mapped.
/// Context: any, where no table can go away: see above.
Result<PhysAddr> translate_memory(VirtAddr address);

/// What the mapping of `address` allows; not_found where nothing is mapped.
/// Context: any, where no table can go away: see above.
Result<arch::Protection> protection_of(VirtAddr address);

/// Builds the final table (the image by section, RAM, the drivers' device windows) and loads it on
/// the boot CPU.
/// Context: atomic, interrupts off; boot.
void init_kernel_space(const MemoryPieces& ram, std::span<const MemoryPiece> also_mapped);

/// The physical addresses of the kernel's image.
/// Context: any.
MemoryPiece image_frames();

}  // namespace fathom::mm
