// From the RSDP to the list of CPUs: ACPI 6.4, 5.2.5 (where a BIOS puts the RSDP) and 5.2.12.
//
// Owns:    find_hardware.hpp.
// Context: boot CPU, before kernel_main.
// Story:   called by boot_main.cpp; the tables are read by lib/readers/acpi.hpp.

#include "find_hardware.hpp"

#include <lib/readers/acpi.hpp>
#include <native/instructions.hpp>
#include <native/platform.hpp>

#include "boot_memory.hpp"

namespace fathom::boot {
namespace {

/// An RSDP at one of the 16-byte steps in [begin, begin + size).
Bytes scan(PhysAddr begin, std::uint64_t size) {
    constexpr BootMemory memory;
    for (std::uint64_t offset = 0; offset < size; offset += 16) {
        const Bytes candidate = rsdp_at(memory, begin + offset);
        if (ByteView(candidate).spells(0, "RSD PTR ") && read_rsdp(candidate).ok()) {
            return candidate;
        }
    }
    return {};
}

MadtFacts default_facts() {
    MadtFacts facts;
    facts.local_apic = arch::kDefaultLocalApic;
    facts.io_apics[0] = {.address = arch::kDefaultIoApic};
    facts.io_apic_count = 1;
    return facts;
}

}  // namespace

Bytes scan_for_rsdp() {
    constexpr PhysAddr kExtendedBiosSegment{0x40e};
    constexpr PhysAddr kBiosArea{0xe'0000};
    constexpr std::uint64_t kBiosAreaBytes = 0x2'0000;
    const ByteView word(BootMemory{}.at(kExtendedBiosSegment, 2));
    if (const PhysAddr extended{std::uint64_t{word.little<std::uint16_t>(0).value_or(0)} << 4};
        extended.value != 0) {
        if (const Bytes found = scan(extended, KiB(1)); !found.empty()) {
            return found;
        }
    }
    return scan(kBiosArea, kBiosAreaBytes);
}

void find_hardware(Bytes rsdp, BootInfo& boot) {
    const HardwareCpuId self = arch::initial_apic_id();
    auto facts = rsdp.empty() ? Result<MadtFacts>(Error::not_found)
                              : read_acpi(BootMemory{}, rsdp, self, boot);
    if (facts.ok()) {
        return arch::set_platform(*facts);
    }
    boot.complain("ACPI: no usable MADT; the kernel runs on the boot CPU alone");
    boot.cpus[0] = self;
    boot.cpu_count = 1;
    arch::set_platform(default_facts());
}

}  // namespace fathom::boot
