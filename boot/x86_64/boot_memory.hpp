// Physical memory as the boot page tables map it: the first 4 GiB.
//
// Owns:    BootMemory, which the readers of foreign tables follow physical pointers through.
// Context: boot CPU, before kernel_main.

#pragma once

#include <cstddef>
#include <cstdint>

#include <native/asm_offsets.h>
#include <lib/readers/byte_view.hpp>

namespace fathom::boot {

inline constexpr std::uint64_t kBootMappedBytes = GiB(4);

struct BootMemory {
    /// The bytes at a physical address; none where the boot tables do not reach, or at 0, where no
    /// loader puts anything.
    Bytes at(PhysAddr address, std::uint64_t size) const {
        if (address.value == 0 || address.value >= kBootMappedBytes ||
            size > kBootMappedBytes - address.value) {
            return {};
        }
        return {VirtAddr{DIRECT_MAP_BASE + address.value}.as<const std::byte>(), size};
    }
};
static_assert(PhysicalMemory<BootMemory>);

}  // namespace fathom::boot
