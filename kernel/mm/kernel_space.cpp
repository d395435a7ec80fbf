// The final page table: what is mapped at boot, and single mappings later.
//
// Owns:    the mappings of the image and of RAM. No page of the image's code is mapped anywhere
//          else: the direct map leaves the image out, or its text would be writable there.
// Context: boot first; map_page() and the questions in any context.
// Story:   called by mm::init(); main goes on to devices.

#include <mm/kernel_space.hpp>

#include <arch/code_memory.hpp>
#include <arch/device_windows.hpp>
#include <arch/image.hpp>
#include <arch/tlb.hpp>
#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <mm/boot_context.hpp>
#include <mm/frame_allocator.hpp>

namespace fathom::mm {

// Bounds set by the linker scripts, page aligned.
extern "C" const char fathom_image_begin[], fathom_image_end[];
extern "C" const char fathom_text_begin[], fathom_text_end[];
extern "C" const char fathom_rodata_begin[], fathom_rodata_end[];
extern "C" const char fathom_data_begin[], fathom_data_end[];

namespace {

using Format = arch::PageTableFormat;
using arch::Protection;

/// Tables for boot: straight from the allocator. (The reserves are filled later.)
struct BootTableSource {
    PhysAddr take_table() {
        const Result<PhysAddr> frame = allocate_frame(boot_irqs_disabled());
        ASSERT(frame.ok(), "RAM is too small: no frame left for a page table");
        arch::zero_page(phys_to_virt(*frame).as());
        return *frame;
    }
    void give_back(PhysAddr frame) { free_frame(frame, boot_irqs_disabled()); }
    void linked(PhysAddr frame) { frame_of(frame).kind = FrameKind::page_table; }
};

PhysAddr image_to_phys(const char* symbol) {
    return {VirtAddr::of(symbol).value - arch::kImageBase + arch::kImagePhysicalBase};
}

/// Maps [begin, end) of physical memory at `at`, in 2 MiB pages where both sides allow it. Pages
/// that are mapped already stay as they are.
void map_linear(VirtAddr at, PhysAddr begin, PhysAddr end, Protection protection) {
    constexpr std::uint64_t kLarge = KernelTable::span_of(2);
    BootTableSource source;
    while (begin < end) {
        const bool large = is_aligned(begin.value | at.value, kLarge) && end - begin >= kLarge;
        if (large) {
            const std::uint64_t entry = Format::leaf(begin, protection, 2);
            if (kernel_table.install_large(at, 2, entry, source) == InstallResult::done) {
                begin = begin + kLarge;
                at = at + kLarge;
                continue;
            }
        }
        kernel_table.install(at, Format::leaf(begin, protection, 1), source);
        begin = begin + kPageSize;
        at = at + kPageSize;
    }
}

void map_section(const char* begin, const char* end, Protection protection) {
    map_linear(VirtAddr::of(begin), image_to_phys(begin), image_to_phys(end), protection);
}

PhysAddr place_in(const KernelTable::Mapping& mapping, VirtAddr address) {
    const std::uint64_t span = KernelTable::span_of(mapping.level);
    return PhysAddr{align_down(Format::address(mapping.entry).value, span)} +
           (address.value & (span - 1));
}

}  // namespace

void publish_code_in(PhysAddr frame) {
    arch::publish_code(phys_to_virt(frame).as(), kPageSize);
}

MemoryPiece image_frames() {
    return {image_to_phys(fathom_image_begin), image_to_phys(fathom_image_end)};
}

[[gnu::cold]]
void init_kernel_space(const MemoryPieces& ram, std::span<const MemoryPiece> also_mapped) {
    BootTableSource source;
    kernel_table = KernelTable(source.take_table());
    frame_of(kernel_table.root()).live = 0;
    source.linked(kernel_table.root());
    map_section(fathom_text_begin, fathom_text_end, Protection::read_execute);
    map_section(fathom_rodata_begin, fathom_rodata_end, Protection::read_only);
    map_section(fathom_data_begin, fathom_data_end, Protection::read_write);
    for (MemoryPiece piece = ram.after({0}); piece.bytes() != 0; piece = ram.after(piece.end)) {
        map_linear(phys_to_virt(piece.begin), piece.begin, piece.end, Protection::read_write);
    }
    for (const MemoryPiece& piece : also_mapped) {
        map_linear(phys_to_virt(piece.begin), piece.begin, piece.end, Protection::read_write);
    }
    for (const arch::DeviceWindow& window : arch::device_windows()) {
        map_device(window.begin, window.size_bytes);
    }
    arch::load_page_table(kernel_table.root());
}

VirtAddr map_device(PhysAddr address, std::uint64_t bytes) {
    const PhysAddr begin{align_down(address.value, kPageSize)};
    const PhysAddr end{align_up(address.value + bytes, kPageSize)};
    BootTableSource source;
    for (PhysAddr page = begin; page < end; page = page + kPageSize) {
        kernel_table.install(phys_to_virt(page), Format::leaf(page, Protection::device, 1), source);
    }
    return phys_to_virt(address);
}

Result<void> map_page(VirtAddr page, PhysAddr frame, Protection protection, IrqsDisabled irqs) {
    TableSource source{irqs};
    switch (kernel_table.install(page, page_entry(frame, protection), source)) {
    case InstallResult::done: return {};
    case InstallResult::occupied: return Error::already_exists;
    case InstallResult::no_table: return Error::out_of_memory;
    }
    unreachable();
}

Result<void> map_page(VirtAddr page, PhysAddr frame, Protection protection, Preemptible here) {
    IrqsOff irqs{here, window<1024>};
    return map_page(page, frame, protection, static_cast<IrqsDisabled>(irqs));
}

Result<PhysAddr> translate(VirtAddr address) {
    const KernelTable::Mapping mapping = kernel_table.lookup(address);
    return Format::is_present(mapping.entry) ? Result(place_in(mapping, address))
                                             : Result<PhysAddr>(Error::not_found);
}

Result<PhysAddr> translate_memory(VirtAddr address) {
    const KernelTable::Mapping mapping = kernel_table.lookup(address);
    const bool is_memory = Format::is_present(mapping.entry) &&
                           Format::protection(mapping.entry) != Protection::device;
    return is_memory ? Result(place_in(mapping, address)) : Result<PhysAddr>(Error::not_found);
}

Result<Protection> protection_of(VirtAddr address) {
    const KernelTable::Mapping mapping = kernel_table.lookup(address);
    if (!Format::is_present(mapping.entry)) {
        return Error::not_found;
    }
    return Format::protection(mapping.entry);
}

}  // namespace fathom::mm
