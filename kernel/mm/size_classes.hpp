// The heap's size classes: 16 to 2048 bytes, four to a doubling.
//
// Owns:    the table from a size to its class and back.
// Context: any; constants. Host tests check every size.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <build_options.hpp>
#include <lib/units.hpp>

namespace fathom::mm {

/// Blocks are multiples of this, and so aligned.
inline constexpr std::size_t kBlockAlignment = 16;
/// Larger requests take whole pages.
inline constexpr std::size_t kLargestBlock = 2048;

/// Hardened builds: bytes that a block needs beyond what is asked for, at an alignment of at most
/// 16.
inline constexpr std::size_t kRedZones = kHardened ? 32 : 0;

inline constexpr std::array<std::uint16_t, 24> kBlockSizes = {
    16,  32,  48,  64,  80,  96,  112, 128,  160,  192,  224,  256,
    320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048};
inline constexpr unsigned kSizeClasses = kBlockSizes.size();

namespace detail {
consteval auto make_class_table() {
    std::array<std::uint8_t, kLargestBlock / kBlockAlignment + 1> table{};
    std::uint8_t size_class = 0;
    for (std::size_t units = 0; units < table.size(); ++units) {
        while (kBlockSizes[size_class] < units * kBlockAlignment) {
            ++size_class;
        }
        table[units] = size_class;
    }
    return table;
}
inline constexpr auto kClassTable = make_class_table();
}  // namespace detail

/// The smallest class whose blocks hold `size` bytes, which is at most kLargestBlock.
/// Context: any.
[[gnu::always_inline]] constexpr unsigned size_class_of(std::size_t size) {
    return detail::kClassTable[(size + kBlockAlignment - 1) / kBlockAlignment];
}

/// Frames in a slab of the class: 2^order. Larger blocks get more, to waste less at the end.
/// Context: any.
constexpr unsigned slab_order_for(std::size_t block_size) {
    return block_size <= 256 ? 0 : block_size <= 1024 ? 1 : 2;
}

}  // namespace fathom::mm
