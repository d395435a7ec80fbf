// Reader of ACPI's RSDP and MADT.
//
// Context: any; no state, no allocation.

#include <lib/readers/acpi.hpp>

namespace fathom {
namespace {

// MADT interrupt controller structures (ACPI 6.4, table 5.21).
enum EntryType : std::uint8_t {
    entry_local_apic = 0,
    entry_io_apic = 1,
    entry_override = 2,
    entry_local_apic_address = 5,
    entry_x2apic = 9,
};

constexpr std::uint64_t kMadtHeaderBytes = 44;
constexpr std::uint32_t kCpuEnabled = 1;
constexpr std::uint32_t kLargestXapicId = 254;

/// Adds a CPU that the local APIC can name.
void add_cpu(HardwareCpuId id, BootInfo& boot) {
    if (id > kLargestXapicId) {
        return boot.complain("ACPI: a CPU whose APIC id needs x2APIC is not used");
    }
    boot.add_cpu(id);
}

void add_local_apic(ByteView entry, BootInfo& boot) {
    const auto id = entry.little<std::uint8_t>(3);
    const auto flags = entry.little<std::uint32_t>(4);
    if (id && flags && (*flags & kCpuEnabled) != 0) {
        add_cpu(*id, boot);
    }
}

void add_x2apic(ByteView entry, BootInfo& boot) {
    const auto id = entry.little<std::uint32_t>(4);
    const auto flags = entry.little<std::uint32_t>(8);
    if (id && flags && (*flags & kCpuEnabled) != 0) {
        add_cpu(*id, boot);
    }
}

void add_io_apic(ByteView entry, MadtFacts& facts, BootInfo& boot) {
    const auto id = entry.little<std::uint8_t>(2);
    const auto address = entry.little<std::uint32_t>(4);
    const auto first = entry.little<std::uint32_t>(8);
    if (!id || !address || !first) {
        return boot.complain("ACPI: an I/O APIC entry is too short; it is not used");
    }
    if (facts.io_apic_count == MadtFacts::kMaxIoApics) {
        return boot.complain("ACPI: more I/O APICs than fit; the rest is not used");
    }
    facts.io_apics[facts.io_apic_count++] = {{*address}, *first, *id};
}

void add_override(ByteView entry, MadtFacts& facts, BootInfo& boot) {
    const auto source = entry.little<std::uint8_t>(3);
    const auto global = entry.little<std::uint32_t>(4);
    const auto flags = entry.little<std::uint16_t>(8);
    if (!source || !global || !flags) {
        return boot.complain("ACPI: an interrupt override is too short; it is not used");
    }
    if (facts.override_count == MadtFacts::kMaxOverrides) {
        return boot.complain("ACPI: more interrupt overrides than fit; the rest is not used");
    }
    // Two bits each; 3 means low or level, 0 "as the bus has it", which for ISA is high and edge.
    facts.overrides[facts.override_count++] = {.global_interrupt = *global,
                                               .isa_interrupt = *source,
                                               .active_low = (*flags & 3) == 3,
                                               .level_triggered = (*flags >> 2 & 3) == 3};
}

void read_entry(std::uint8_t type, ByteView entry, MadtFacts& facts, BootInfo& boot) {
    switch (type) {
    case entry_local_apic: return add_local_apic(entry, boot);
    case entry_x2apic: return add_x2apic(entry, boot);
    case entry_io_apic: return add_io_apic(entry, facts, boot);
    case entry_override: return add_override(entry, facts, boot);
    case entry_local_apic_address:
        if (const auto address = entry.little<std::uint64_t>(4)) {
            facts.local_apic = {*address};
        }
        return;
    default: return;
    }
}

}  // namespace

Result<RootTable> read_rsdp(Bytes rsdp) {
    const ByteView view(rsdp);
    const auto first_part = view.slice(0, 20);
    if (!first_part) {
        return Error::truncated;
    }
    if (!view.spells(0, "RSD PTR ") || ByteView(*first_part).checksum() != 0) {
        return Error::malformed;
    }
    const RootTable rsdt{{*view.little<std::uint32_t>(16)}, 4};
    if (*view.little<std::uint8_t>(15) < 2) {
        return rsdt;
    }
    const auto whole = view.slice(0, 36);
    if (!whole) {
        return Error::truncated;
    }
    if (ByteView(*whole).checksum() != 0) {
        return Error::malformed;
    }
    const PhysAddr xsdt{*view.little<std::uint64_t>(24)};
    return xsdt.value != 0 ? RootTable{xsdt, 8} : rsdt;
}

Result<MadtFacts> read_madt(Bytes madt, HardwareCpuId boot_cpu, BootInfo& boot) {
    const ByteView view(madt);
    if (view.size() < kMadtHeaderBytes) {
        return Error::truncated;
    }
    if (!view.spells(0, "APIC")) {
        return Error::malformed;
    }
    MadtFacts facts;
    facts.local_apic = {*view.little<std::uint32_t>(36)};
    const std::size_t found_before = boot.cpu_count;
    add_cpu(boot_cpu, boot);
    bool any_cpu_listed = false;
    for (std::uint64_t at = kMadtHeaderBytes; view.holds(at, 2);) {
        const std::uint8_t type = *view.little<std::uint8_t>(at);
        const std::uint8_t length = *view.little<std::uint8_t>(at + 1);
        if (length < 2) {
            return Error::malformed;
        }
        const auto entry = view.slice(at, length);
        if (!entry) {
            return Error::truncated;
        }
        read_entry(type, *entry, facts, boot);
        any_cpu_listed |= type == entry_local_apic || type == entry_x2apic;
        at += length;
    }
    if (!any_cpu_listed) {
        boot.cpu_count = found_before;
        return Error::not_found;
    }
    return facts;
}

}  // namespace fathom
