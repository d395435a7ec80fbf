// Hardened builds: red zones around each heap block, and a pattern in freed ones.
//
//     block:  | ... | size, magic | what the caller sees | red zone ... |
//
// The 16 bytes before the caller's are a header; from the end of what was asked for up to the end
// of the block, 16 bytes at least, lies the red zone. While a block is free all of it but the link
// is poison, which is checked when it is handed out.
//
// Owns:    the layout and the checks. They compile to nothing in other builds.
// Context: any.

#pragma once

#include <cstddef>
#include <cstdint>

#include <build_options.hpp>
#include <lib/assert.hpp>
#include <mm/pattern.hpp>
#include <mm/size_classes.hpp>
#include <mm/slab.hpp>

namespace fathom::mm {

namespace hardening {

inline constexpr std::byte kFreed{0xdd};
inline constexpr std::byte kRedZone{0xfa};
inline constexpr std::uint64_t kMagic = 0xa110'ca7e'd000'b10c;

struct Header {
    std::uint64_t size_bytes;
    std::uint64_t magic;
};
static_assert(sizeof(Header) == 16);

inline Header& header_of(void* pointer) {
    return *reinterpret_cast<Header*>(static_cast<std::byte*>(pointer) - sizeof(Header));
}

/// Dresses the block [block, end) for a request of `size` bytes at `pointer` inside it.
inline void dress(std::byte* block, std::byte* end, std::byte* pointer, std::size_t size,
                  bool was_poisoned) {
    if (was_poisoned) {
        const std::byte* const bad = first_other(block + sizeof(FreeBlock), end, kFreed);
        ASSERT(bad == end, "heap: a freed block was written to, at {} (block {})", bad, block);
    }
    header_of(pointer) = {size, kMagic};
    fill_pattern(pointer + size, end, kRedZone);
}

/// Checks the block's dress and fills it with poison.
inline void undress(std::byte* block, std::byte* end, void* pointer) {
    const Header header = header_of(pointer);
    ASSERT(header.magic == kMagic,
           "heap: {} is freed, but its header says {}: freed twice, or never "
           "allocated, or written before its start",
           pointer, header.magic);
    auto* const after = static_cast<std::byte*>(pointer) + header.size_bytes;
    const std::byte* const bad = first_other(after, end, kRedZone);
    ASSERT(bad == end, "heap: written past the end of {}, at {}", pointer, bad);
    fill_pattern(block, end, kFreed);
}

}  // namespace hardening

/// Fills the blocks of a new slab with poison.
inline void poison_new_slab(std::byte* base, const SlabShape& shape) {
    if constexpr (kHardened) {
        for (std::uint32_t index = 0; index < shape.blocks(); ++index) {
            std::byte* const block = base + index * shape.block_size;
            fill_pattern(block + sizeof(FreeBlock), block + shape.block_size, hardening::kFreed);
        }
    }
}

}  // namespace fathom::mm
