// The direct map: every byte of RAM at one fixed distance from its physical address.
//
// Owns:    kDirectMapBase and the two conversions.
// Context: any. Boot's tables map its first 4 GiB, mm::init() all RAM; device registers only where
//          kernel_space.hpp's map_device() was asked.

#pragma once

#include <lib/units.hpp>

namespace fathom::mm {

inline constexpr std::uint64_t kDirectMapBase = 0xffff'8000'0000'0000;
/// One past the highest address that the map could reach: the lazy stacks begin above it.
inline constexpr std::uint64_t kDirectMapBytes = 1ull << 45;

/// Where the kernel sees `address`.
/// Context: any.
constexpr VirtAddr phys_to_virt(PhysAddr address) { return {address.value + kDirectMapBase}; }

/// Back again: only for addresses of the direct map (heap blocks, frames), not for the image's.
/// Context: any.
constexpr PhysAddr virt_to_phys(VirtAddr address) { return {address.value - kDirectMapBase}; }

/// Whether `address` lies where the direct map may be.
/// Context: any.
constexpr bool in_direct_map(VirtAddr address) {
    return address.value - kDirectMapBase < kDirectMapBytes;
}

}  // namespace fathom::mm
