// Hardened builds: a free frame is full of a pattern, and must still be when it is handed out.
//
// Owns:    poison_frames(), check_frame_poison(). They compile to nothing in other builds.
// Context: any.

#pragma once

#include <cstdint>

#include <build_options.hpp>
#include <lib/assert.hpp>
#include <mm/frame.hpp>
#include <mm/pattern.hpp>

namespace fathom::mm {

/// Easy to recognise in a register, and no address.
inline constexpr std::uint64_t kFramePoison = 0xf5ee'f5ee'f5ee'f5ee;

/// Fills the 2^order frames at `base`, which are about to become free.
/// Context: any.
inline void poison_frames(PhysAddr base, unsigned order) {
    if constexpr (kHardened) {
        for (std::uint64_t offset = 0; offset < kPageSize << order; offset += kPageSize) {
            auto* const words = phys_to_virt(base + offset).as<std::uint64_t>();
            frame_of(base + offset).poisoned = 1;
            fill_pattern(words, words + kPageSize / 8, kFramePoison);
        }
    }
}

/// Panics if somebody wrote to the 2^order frames at `base` while they were free.
/// Context: any.
inline void check_frame_poison(PhysAddr base, unsigned order) {
    if constexpr (kHardened) {
        for (std::uint64_t offset = 0; offset < kPageSize << order; offset += kPageSize) {
            if (frame_of(base + offset).poisoned == 0) {
                continue;  // never freed yet, so never filled
            }
            const auto* const words = phys_to_virt(base + offset).as<const std::uint64_t>();
            const auto* const bad = first_other(words, words + kPageSize / 8, kFramePoison);
            ASSERT(bad == words + kPageSize / 8,
                   "a free frame was written to: the word at {} is now {}", bad, *bad);
        }
    }
}

}  // namespace fathom::mm
