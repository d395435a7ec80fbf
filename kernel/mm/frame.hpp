// What the kernel knows about each physical frame: 16 bytes, in one array carved from RAM at boot.
//
// Owns:    Frame and the array's address. Who owns a frame writes its Frame; the buddy while it is
//          free, then whoever it was given to.
// Context: any.
// Story:   frame_allocator.cpp makes the array; the buddy, page tables and slabs keep state in it.

#pragma once

#include <atomic>
#include <cstdint>

#include <lib/units.hpp>
#include <mm/direct_map.hpp>

namespace fathom::mm {

/// A frame's number: its physical address / 4096. 32 bits reach 16 TiB.
using FrameNumber = std::uint32_t;
/// No frame. (Frame 0 exists on some machines and is never handed out.)
inline constexpr FrameNumber kNoFrame = 0;

enum class FrameKind : std::uint8_t {
    allocated = 0,  ///< handed out, or inside of a block; nothing more is known
    free,           ///< head of a free block of the buddy's
    page_table,     ///< `live` counts its non-zero entries
    slab,           ///< a slab of the heap; `size_class` says which
    large,          ///< head of a heap block of whole pages; `order` says how many
    reserved,       ///< not ours: firmware, the image, holes
};

/// State of one frame. Which fields mean something depends on `kind`.
struct Frame {
    union {
        /// page_table: entries that are not zero; kFrozenTable once the table is being taken away.
        std::int16_t live = 0;
        std::uint16_t blocks_in_use;  ///< slab: blocks not on its own list
    };
    std::uint16_t first_free = 0;  ///< slab: its first free block, in units of 16 bytes
    FrameKind kind = FrameKind::allocated;
    std::uint8_t order = 0;       ///< of the block that it heads: 2^order frames
    std::uint8_t size_class = 0;  ///< slab: of its blocks
    std::uint8_t poisoned = 0;    ///< hardened: freed once, so full of kFramePoison while free
    FrameNumber next = kNoFrame;  ///< of the list that the owner keeps it in
    FrameNumber previous = kNoFrame;
};
static_assert(sizeof(Frame) == 16, "the array is 0.4 % of RAM");

/// `live` of a table that nobody may add to any more. Far from both 0 and the sums of late comers.
inline constexpr std::int16_t kFrozenTable = -0x4000;

namespace detail {
/// Address that frame 0's entry would have; constant after mm::init().
inline constinit std::uint64_t frame_array = 0;
/// The same for the direct map: address that the entry of virtual page 0 would have.
inline constinit std::uint64_t frame_array_by_virt = 0;
}  // namespace detail

/// The state of the frame at `address`, which must be RAM.
/// Context: any.
[[gnu::always_inline]] inline Frame& frame_of(PhysAddr address) {
    const std::uint64_t offset = (address.value >> kPageShift) * sizeof(Frame);
    return *reinterpret_cast<Frame*>(detail::frame_array + offset);
}

/// The state of the frame behind `pointer`, which lies in the direct map.
/// Context: any.
[[gnu::always_inline]] inline Frame& frame_behind(const void* pointer) {
    const std::uint64_t offset = (VirtAddr::of(pointer).value >> kPageShift) * sizeof(Frame);
    return *reinterpret_cast<Frame*>(detail::frame_array_by_virt + offset);
}

/// As frame_of(), for the first byte of a page: one shift less.
/// Context: any.
[[gnu::always_inline]] inline Frame& frame_of_page(PhysAddr page) {
    static_assert(sizeof(Frame) == kPageSize >> 8);
    return *reinterpret_cast<Frame*>(detail::frame_array + (page.value >> 8));
}

/// A list of frames linked through Frame::next: how frames wait for their shootdown.
struct FrameList {
    FrameNumber first = kNoFrame;
    std::uint32_t count = 0;

    void push(PhysAddr address) {
        frame_of(address).next = first;
        first = static_cast<FrameNumber>(address.frame_number());
        ++count;
    }
    bool empty() const { return first == kNoFrame; }
    /// The list must not be empty.
    PhysAddr pop() {
        const PhysAddr address = PhysAddr::of_frame(first);
        first = frame_of(address).next;
        --count;
        return address;
    }
};

}  // namespace fathom::mm
