// From the device tree to BootInfo: what the boot loader left is read, and kernel_main starts.
//
// Owns:    the one BootInfo of this architecture. Fills arch::machine as well.
// Context: boot CPU, EL1t on the boot stack, interrupts off, boot page tables.
// Story:   comes from start.S; goes on in main/main.cpp (kernel_main).

#include <arch/console.hpp>
#include <arch/outermost_frame.hpp>
#include <arch/power.hpp>
#include <lib/boot_info.hpp>
#include <lib/command_line.hpp>
#include <lib/readers/machine.hpp>

#include <native/asm_offsets.h>
#include <machine.hpp>
#include <mmio.hpp>
#include <system_register.hpp>

// Set by the linker script.
extern "C" const char fathom_image_begin[];
extern "C" const char fathom_image_end[];

namespace fathom {
namespace {

constinit BootInfo boot_info{};

/// What the boot tables map as memory.
constexpr PhysAddr kRamBegin{0x4000'0000};
constexpr PhysAddr kRamEnd{256 * GiB(1)};

/// Nothing can run: says why on the console, as far as that is known, and turns the machine off.
[[noreturn]] void refuse(std::string_view why) {
    arch::console_write("fathom: cannot start: ");
    arch::console_write(why);
    arch::console_write("\n");
    arch::power_off(arch::ExitStatus::failed);
}

/// `size` bytes of memory at `address` through the direct map; empty where boot has not mapped
/// that.
Bytes memory_at(PhysAddr address, std::uint64_t size) {
    if (address < kRamBegin || address >= kRamEnd || size > kRamEnd - address) {
        return {};
    }
    return {VirtAddr{arch::kDirectMap + address.value}.as<const std::byte>(), size};
}

/// The tree, where x0 says it is; else at the start of RAM, where QEMU puts it for an ELF kernel.
Result<DeviceTree> open_tree(PhysAddr address) {
    constexpr std::uint64_t kSizeIsIn = 8;
    const std::uint32_t size_bytes = FATHOM_TRY(DeviceTree::size_of(memory_at(address, kSizeIsIn)));
    return DeviceTree::open(memory_at(address, size_bytes));
}

/// Large System Extensions: the atomic instructions that the kernel is compiled to use.
bool has_lse() {
    constexpr unsigned kAtomicField = 20;
    return (FATHOM_READ_REGISTER(id_aa64isar0_el1) >> kAtomicField & 15) >= 2;
}

HardwareCpuId boot_cpu() { return FATHOM_READ_REGISTER(mpidr_el1) & 0xff'00ff'ffff; }

void reserve_image() {
    const auto begin = reinterpret_cast<std::uint64_t>(fathom_image_begin);
    const auto end = reinterpret_cast<std::uint64_t>(fathom_image_end);
    boot_info.add_range({begin - IMAGE_OFFSET}, end - begin, MemoryRange::Kind::reserved);
}

bool asks_for_semihosting() {
    const auto value = CommandLine(boot_info.command_line()).find("semihosting");
    return value && *value == "1";
}

}  // namespace

/// `tree_address` is x0 as the boot loader left it.
extern "C" [[noreturn]] void fathom_boot(std::uint64_t tree_address) {
    arch::outermost_frame();
    const PhysAddr address = tree_address != 0 ? PhysAddr{tree_address} : kRamBegin;
    const auto tree = open_tree(address);
    if (!tree.ok()) {
        refuse("there is no readable device tree, neither where x0 points nor at 0x40000000");
    }
    arch::machine.facts = read_machine(tree.value(), boot_cpu(), boot_info);
    arch::machine.semihosting = asks_for_semihosting();
    if (!has_lse()) {
        refuse("this CPU has no LSE atomics (Armv8.1); with QEMU, use -cpu max");
    }
    if (arch::machine.facts.gic.version == 0) {
        refuse("the device tree names no interrupt controller that we know (GICv2, GICv3)");
    }
    reserve_image();  // not the tree: nobody reads it again
    boot_info.boot_protocol =
        tree_address != 0 ? "arm64 Image" : "ELF, device tree at the start of RAM";
    kernel_main(boot_info);
}

}  // namespace fathom
