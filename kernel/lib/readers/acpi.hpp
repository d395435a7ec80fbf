// Reader of the ACPI tables that name the CPUs and interrupt controllers (ACPI 6.4, chapter 5).
//
// Owns:    read_acpi() and its parts: RSDP -> XSDT or RSDT -> MADT -> CPUs, I/O APICs, overrides.
// Context: any; no state, no allocation. Physical pointers are followed through `memory`.
// Story:   called by boot/x86_64 with the RSDP that readers/multiboot2.hpp or readers/pvh.hpp
//          found.

#pragma once

#include <cstddef>
#include <cstdint>

#include <lib/boot_info.hpp>
#include <lib/readers/byte_view.hpp>
#include <lib/result.hpp>

namespace fathom {

/// An I/O APIC: where its registers are and which global interrupts it takes.
struct IoApic {
    PhysAddr address;
    std::uint32_t first_interrupt = 0;
    std::uint8_t id = 0;
};

/// An ISA interrupt that arrives elsewhere or otherwise than by default (edge, active high).
struct InterruptOverride {
    std::uint32_t global_interrupt = 0;
    std::uint8_t isa_interrupt = 0;
    bool active_low = false;
    bool level_triggered = false;
};

/// What the MADT says beside the CPUs, which go into BootInfo.
struct MadtFacts {
    static constexpr std::size_t kMaxIoApics = 8;
    static constexpr std::size_t kMaxOverrides = 24;

    PhysAddr local_apic;
    IoApic io_apics[kMaxIoApics];
    std::size_t io_apic_count = 0;
    InterruptOverride overrides[kMaxOverrides];
    std::size_t override_count = 0;
};

/// Where the RSDP says the table of tables is.
struct RootTable {
    PhysAddr address;
    unsigned entry_bytes = 4;  ///< 4 in an RSDT, 8 in an XSDT
};

/// Checks signature, checksums and revision.
/// Errors: truncated, malformed.
/// Context: any.
Result<RootTable> read_rsdp(Bytes rsdp);

/// Reads a whole MADT. CPUs that are enabled go to `boot.cpus`, the one whose local APIC id is
/// `boot_cpu` first; ids over 254 need x2APIC and are passed over with a complaint.
/// Errors: truncated, malformed, not_found (it lists no CPU).
/// Context: any.
Result<MadtFacts> read_madt(Bytes madt, HardwareCpuId boot_cpu, BootInfo& boot);

namespace detail {

inline constexpr std::uint64_t kTableHeaderBytes = 36;
/// No real table is longer; a hostile length is cut here.
inline constexpr std::uint32_t kMaxTableBytes = 1 << 20;

/// The whole table at `address`, checksum checked.
template <PhysicalMemory M>
Result<Bytes> acpi_table_at(const M& memory, PhysAddr address) {
    const auto length = ByteView(memory.at(address, kTableHeaderBytes)).little<std::uint32_t>(4);
    if (!length) {
        return Error::truncated;
    }
    if (*length < kTableHeaderBytes || *length > kMaxTableBytes) {
        return Error::malformed;
    }
    const Bytes table = memory.at(address, *length);
    if (table.size() < *length) {
        return Error::truncated;
    }
    if (ByteView(table).checksum() != 0) {
        return Error::malformed;
    }
    return table;
}

}  // namespace detail

/// The RSDP's bytes at a physical address (36, or 20 where a revision 0 one ends the memory).
/// Context: any.
template <PhysicalMemory M>
Bytes rsdp_at(const M& memory, PhysAddr address) {
    const Bytes whole = memory.at(address, 36);
    return whole.empty() ? memory.at(address, 20) : whole;
}

/// The first table with that four-letter signature. Tables that are broken are passed over with a
/// complaint.
/// Errors: truncated, malformed (the root itself), not_found.
/// Context: any.
template <PhysicalMemory M>
Result<Bytes> find_acpi_table(const M& memory, RootTable root, std::string_view signature,
                              BootInfo& boot) {
    const Bytes table = FATHOM_TRY(detail::acpi_table_at(memory, root.address));
    const ByteView entries(table);
    if (!entries.spells(0, root.entry_bytes == 8 ? "XSDT" : "RSDT")) {
        return Error::malformed;
    }
    for (std::uint64_t at = detail::kTableHeaderBytes; entries.holds(at, root.entry_bytes);
         at += root.entry_bytes) {
        const PhysAddr address{root.entry_bytes == 8 ? *entries.little<std::uint64_t>(at)
                                                     : *entries.little<std::uint32_t>(at)};
        if (!ByteView(memory.at(address, 4)).spells(0, signature)) {
            continue;
        }
        if (const auto found = detail::acpi_table_at(memory, address); found.ok()) {
            return found;
        }
        boot.complain("ACPI: a table with a bad length or checksum is not used");
    }
    return Error::not_found;
}

/// From the RSDP's bytes to the MADT's facts; CPUs go to `boot`.
/// Errors: as its parts.
/// Context: any.
template <PhysicalMemory M>
Result<MadtFacts> read_acpi(const M& memory, Bytes rsdp, HardwareCpuId boot_cpu, BootInfo& boot) {
    const RootTable root = FATHOM_TRY(read_rsdp(rsdp));
    const Bytes madt = FATHOM_TRY(find_acpi_table(memory, root, "APIC", boot));
    return read_madt(madt, boot_cpu, boot);
}

}  // namespace fathom
