// Hardened builds: a free frame is full of a pattern, and must still be when it is handed out.
//
// Owns:    poison_frames(), check_frame_poison(). They compile to nothing in other builds.
// Context: any.

#pragma once

#include <cstdint>

#include <build_options.hpp>
#include <lib/assert.hpp>
#include <mm/frame.hpp>

namespace fathom::mm {

/// Easy to recognise in a register, and no address.
inline constexpr std::uint64_t kFramePoison = 0xf5ee'f5ee'f5ee'f5ee;

namespace detail {
/// Calls `visit(frame state, word)` for each word of the 2^order frames at `base`.
template <typename Visit>
void for_each_word(PhysAddr base, unsigned order, Visit visit) {
    for (std::uint64_t offset = 0; offset < kPageSize << order; offset += sizeof(std::uint64_t)) {
        visit(frame_of(base + offset), phys_to_virt(base + offset).as<volatile std::uint64_t>());
    }
}
}  // namespace detail

/// Fills the 2^order frames at `base`, which are about to become free.
/// Context: any.
inline void poison_frames(PhysAddr base, unsigned order) {
    if constexpr (kHardened) {
        detail::for_each_word(base, order, [](Frame& frame, volatile std::uint64_t* word) {
            frame.poisoned = 1;
            *word = kFramePoison;
        });
    }
}

/// Panics if somebody wrote to the 2^order frames at `base` while they were free.
/// Context: any.
inline void check_frame_poison(PhysAddr base, unsigned order) {
    if constexpr (kHardened) {
        detail::for_each_word(base, order, [](Frame& frame, volatile std::uint64_t* word) {
            ASSERT(frame.poisoned == 0 || *word == kFramePoison,
                   "a free frame was written to: the word at {} is now {}", word, *word);
        });
    }
}

}  // namespace fathom::mm
