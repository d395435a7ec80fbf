// The direct map: every byte of RAM at one fixed distance from its physical address.
//
// Owns:    kDirectMapBase and the two conversions.
// Context: any. Boot's tables map its first 4 GiB, mm::init() all RAM; device registers only where
//          kernel_space.hpp's map_device() was asked.

#pragma once

#include <lib/units.hpp>

namespace fathom::mm {

inline constexpr std::uint64_t kDirectMapBase = 0xffff'8000'0000'0000;

/// Where the kernel sees `address`.
/// Context: any.
constexpr VirtAddr phys_to_virt(PhysAddr address) { return {address.value + kDirectMapBase}; }

/// Back again: only for addresses of the direct map (heap blocks, frames), not for the image's.
/// Context: any.
constexpr PhysAddr virt_to_phys(VirtAddr address) { return {address.value - kDirectMapBase}; }

}  // namespace fathom::mm
