// Contract: where the image lies in memory, against where it was linked.

#pragma once

#include <cstdint>

#include <lib/units.hpp>

namespace fathom::arch {

/// Every address of the image is kImageBase + (its physical address - kImagePhysicalBase).
inline constexpr std::uint64_t kImageBase = 0xffff'ffff'8000'0000;
// inline constexpr std::uint64_t kImagePhysicalBase: in native/image.hpp.

}  // namespace fathom::arch

#include <native/image.hpp>
