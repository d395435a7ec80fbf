// What each fuzz target shares.
//
// Owns:    require(): a property that must hold for any input.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <lib/boot_info.hpp>
#include <lib/readers/byte_view.hpp>

namespace fathom {

/// Ends the run as a finding if `holds` is false.
inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

inline Bytes bytes_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const std::byte*>(data), size};
}

/// What a reader may leave behind in a BootInfo, whatever it read.
inline void require_sane(const BootInfo& boot) {
    require(boot.range_count <= BootInfo::kMaxRanges);
    require(boot.module_count <= BootInfo::kMaxModules);
    require(boot.cpu_count <= kMaxCpus);
    require(boot.command_line_length <= BootInfo::kMaxCommandLine);
    for (std::size_t i = 0; i < boot.range_count; ++i) {
        require(boot.ranges[i].size_bytes <= ~boot.ranges[i].begin.value);
    }
    for (std::size_t i = 0; i < boot.module_count; ++i) {
        require(boot.modules[i].size_bytes <= ~boot.modules[i].begin.value);
    }
}

}  // namespace fathom
