// The first C++ of the kernel: asks the boot loader and the firmware what this machine is, and
// hands it on in one BootInfo.
//
// Owns:    the BootInfo.
// Context: boot CPU, boot page tables, interrupts off.
// Story:   entered by start.S; goes on in main/main.cpp (kernel_main). Nothing here runs later.

#include <arch/console.hpp>
#include <arch/cpu_local.hpp>
#include <arch/power.hpp>
#include <lib/boot_info.hpp>
#include <lib/readers/acpi.hpp>
#include <lib/readers/multiboot2.hpp>
#include <lib/readers/pvh.hpp>
#include <native/serial.hpp>

#include "boot_memory.hpp"
#include "find_hardware.hpp"

// fathom.ld: the whole image in physical memory, the boot page tables included.
extern "C" const std::byte fathom_image_physical_begin[];
extern "C" const std::byte fathom_image_physical_end[];

namespace fathom::boot {
namespace {

/// As start.S has it in edi.
enum class BootProtocol : std::uint32_t { multiboot2 = 0, pvh = 1 };

constinit BootInfo boot_info = {};

/// Without a memory map there is no kernel; say why and stop.
[[noreturn]] void refuse(std::string_view what, Error why) {
    arch::console_write("Fathom cannot start: ");
    arch::console_write(what);
    arch::console_write(": ");
    arch::console_write(describe(why));
    arch::console_write("\n");
    arch::power_off(arch::ExitStatus::failed);
}

/// The RSDP, from the loader's copy.
Bytes read_from_multiboot2(PhysAddr address) {
    constexpr BootMemory memory;
    boot_info.boot_protocol = "Multiboot2";
    const auto size = multiboot2_size(memory.at(address, 8));
    if (!size.ok()) {
        refuse("the Multiboot2 information", size.error());
    }
    auto facts = read_multiboot2(memory.at(address, *size), boot_info);
    if (!facts.ok()) {
        refuse("the Multiboot2 information", facts.error());
    }
    return facts->rsdp;
}

/// The RSDP, where the loader says it is.
Bytes read_from_pvh(PhysAddr address) {
    constexpr BootMemory memory;
    boot_info.boot_protocol = "PVH";
    auto facts = read_pvh(memory, address, boot_info);
    if (!facts.ok()) {
        refuse("the PVH start information", facts.error());
    }
    return facts->rsdp.value == 0 ? Bytes{} : rsdp_at(memory, facts->rsdp);
}

bool overlaps(const MemoryRange& range, PhysAddr page) {
    return page.value < range.begin.value + range.size_bytes &&
           range.begin.value < page.value + kPageSize;
}

/// Whether a page is RAM and nobody's, a module's neither.
bool is_free(PhysAddr page) {
    bool usable = false;
    for (std::size_t i = 0; i < boot_info.range_count; ++i) {
        const MemoryRange& range = boot_info.ranges[i];
        if (range.kind == MemoryRange::Kind::reserved && overlaps(range, page)) {
            return false;
        }
        usable = usable || (range.begin <= page &&
                            page.value + kPageSize <= range.begin.value + range.size_bytes);
    }
    return usable;
}

// Not the first page, where a BIOS keeps its own. GRUB may have put a module down here.
void install_start_code() {
    for (PhysAddr page{kPageSize}; page.value < MiB(1); page = page + kPageSize) {
        if (is_free(page)) {
            return arch::install_start_code(page);
        }
    }
    boot_info.complain("memory map: no free page below 1 MiB; the other CPUs cannot start");
}

// What the loader left need not stay: all of it but the modules, which their readers reserve, has
// been copied.
void reserve_our_own() {
    const PhysAddr begin{VirtAddr::of(fathom_image_physical_begin).value};
    const PhysAddr end{VirtAddr::of(fathom_image_physical_end).value};
    boot_info.add_range({0}, MiB(1), MemoryRange::Kind::reserved);
    boot_info.add_range(begin, end - begin, MemoryRange::Kind::reserved);
}

}  // namespace

/// From start.S, on the boot stack.
/// Context: boot CPU, interrupts off.
extern "C" [[noreturn]] void fathom_boot_main(BootProtocol protocol, std::uint64_t information) {
    arch::early_cpu_setup(0, nullptr);  // from here on a fault is reported
    arch::init_serial();
    Bytes rsdp = protocol == BootProtocol::pvh ? read_from_pvh({information})
                                               : read_from_multiboot2({information});
    if (rsdp.empty()) {
        rsdp = scan_for_rsdp();
    }
    find_hardware(rsdp, boot_info);
    install_start_code();
    reserve_our_own();
    kernel_main(boot_info);
}

}  // namespace fathom::boot
