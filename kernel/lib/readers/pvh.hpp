// Reader of the PVH start information (Xen, public/arch-x86/hvm/start_info.h), as QEMU's -kernel
// hands it over.
//
// Owns:    read_pvh().
// Context: any; no state, no allocation. Physical pointers are followed through `memory`.
// Story:   called by boot/x86_64 when entered by the PVH note; the RSDP goes on to
//          readers/acpi.hpp.

#pragma once

#include <cstdint>

#include <lib/boot_info.hpp>
#include <lib/readers/byte_view.hpp>
#include <lib/result.hpp>

namespace fathom {

inline constexpr std::uint32_t kPvhMagic = 0x336ec578;

/// What the start information says beside what goes into BootInfo.
struct PvhFacts {
    PhysAddr rsdp;  ///< 0 where there is none
};

namespace detail {

inline constexpr std::uint64_t kPvhInfoBytes = 56;  // version 1: with the memory map
inline constexpr std::uint64_t kPvhModuleBytes = 32;
inline constexpr std::uint64_t kPvhMapEntryBytes = 24;
inline constexpr std::uint32_t kPvhUsableMemory = 1;

template <PhysicalMemory M>
Result<void> read_pvh_command_line(const M& memory, PhysAddr at, BootInfo& boot) {
    char text[BootInfo::kMaxCommandLine + 1];
    std::size_t length = 0;
    while (length < sizeof text) {
        const Bytes byte = memory.at(at + length, 1);
        if (byte.empty()) {
            return Error::truncated;
        }
        if (byte[0] == std::byte{0}) {
            break;
        }
        text[length++] = static_cast<char>(byte[0]);
    }
    boot.set_command_line({text, length});
    return {};
}

template <PhysicalMemory M>
Result<void> read_pvh_modules(const M& memory, PhysAddr list, std::uint32_t count, BootInfo& boot) {
    for (std::uint32_t i = 0; i < count && i <= BootInfo::kMaxModules; ++i) {
        const ByteView entry(memory.at(list + i * kPvhModuleBytes, kPvhModuleBytes));
        const auto begin = entry.little<std::uint64_t>(0);
        const auto size = entry.little<std::uint64_t>(8);
        if (!begin || !size) {
            return Error::truncated;
        }
        if (*size > ~*begin) {
            return Error::malformed;
        }
        boot.add_module({*begin}, *size);
        boot.add_range({*begin}, *size, MemoryRange::Kind::reserved);
    }
    return {};
}

template <PhysicalMemory M>
Result<void> read_pvh_map(const M& memory, PhysAddr map, std::uint32_t count, BootInfo& boot) {
    for (std::uint32_t i = 0; i < count && i <= BootInfo::kMaxRanges; ++i) {
        const ByteView entry(memory.at(map + i * kPvhMapEntryBytes, kPvhMapEntryBytes));
        const auto begin = entry.little<std::uint64_t>(0);
        const auto size = entry.little<std::uint64_t>(8);
        const auto type = entry.little<std::uint32_t>(16);
        if (!begin || !size || !type) {
            return Error::truncated;
        }
        if (*size > ~*begin) {
            boot.complain("PVH memory map: a range wraps around; it is not used");
            continue;
        }
        boot.add_range(
            {*begin}, *size,
            *type == kPvhUsableMemory ? MemoryRange::Kind::usable : MemoryRange::Kind::reserved);
    }
    return {};
}

}  // namespace detail

/// Adds memory map, modules (their bytes reserved) and command line to `boot`.
/// Errors: truncated (a pointer leads nowhere), malformed (wrong magic), unsupported (version 0: no
/// memory map).
/// Context: any.
template <PhysicalMemory M>
Result<PvhFacts> read_pvh(const M& memory, PhysAddr start_info, BootInfo& boot) {
    const ByteView info(memory.at(start_info, detail::kPvhInfoBytes));
    if (info.size() < detail::kPvhInfoBytes) {
        return Error::truncated;
    }
    if (*info.little<std::uint32_t>(0) != kPvhMagic) {
        return Error::malformed;
    }
    if (*info.little<std::uint32_t>(4) < 1) {
        return Error::unsupported;
    }
    const PhysAddr map{*info.little<std::uint64_t>(40)};
    const std::uint32_t map_entries = *info.little<std::uint32_t>(48);
    if (auto done = detail::read_pvh_map(memory, map, map_entries, boot); !done.ok()) {
        return done.error();
    }
    const PhysAddr modules{*info.little<std::uint64_t>(16)};
    const std::uint32_t module_count = *info.little<std::uint32_t>(12);
    if (auto done = detail::read_pvh_modules(memory, modules, module_count, boot); !done.ok()) {
        return done.error();
    }
    if (const PhysAddr text{*info.little<std::uint64_t>(24)}; text.value != 0) {
        if (auto done = detail::read_pvh_command_line(memory, text, boot); !done.ok()) {
            return done.error();
        }
    }
    return PvhFacts{.rsdp = {*info.little<std::uint64_t>(32)}};
}

}  // namespace fathom
