// The buddy system: free blocks of 2^order frames, each aligned to its own size.
//
// Two blocks of one order that differ only in bit `order` of their number are buddies: when both
// are free they merge. Free lists are threaded through the frames' own state, so that the allocator
// needs no memory. It knows no lock and no context: frame_allocator.cpp gives it both, host tests
// neither.
//
// Owns:    Buddy<Frames>.
// Context: the caller's; not reentrant.

#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include <lib/assert.hpp>
#include <mm/frame.hpp>

namespace fathom::mm {

/// Frames is a policy: `static Frame& at(FrameNumber)` for every number in [first, end).
template <typename Frames>
class Buddy {
public:
    /// Blocks of up to 2^13 frames: 32 MiB.
    static constexpr unsigned kMaxOrder = 13;

    constexpr Buddy() = default;

    /// The numbers that free() will ever see lie in [first, end). All start as reserved.
    constexpr void set_limits(FrameNumber first, FrameNumber end) {
        first_ = first;
        end_ = end;
    }

    /// A block of 2^order frames, or kNoFrame. `order` is at most kMaxOrder.
    FrameNumber allocate(unsigned order) {
        const std::uint32_t large_enough = non_empty_ & ~((1u << order) - 1);
        if (large_enough == 0) {
            return kNoFrame;
        }
        unsigned found = static_cast<unsigned>(std::countr_zero(large_enough));
        const FrameNumber block = heads_[found];
        unlink(block, found);
        while (found > order) {  // keep the lower half, free the upper one
            --found;
            link(block + (1u << found), found);
        }
        Frame& frame = Frames::at(block);
        frame.kind = FrameKind::allocated;
        frame.order = static_cast<std::uint8_t>(order);
        free_frames_ -= 1u << order;
        return block;
    }

    /// Takes back (or, at boot, in) a block of 2^order frames.
    void free(FrameNumber block, unsigned order) {
        ASSERT((block & ((1u << order) - 1)) == 0, "frame {} is not aligned to its order {}", block,
               order);
        ASSERT(Frames::at(block).kind != FrameKind::free, "frame {} is freed twice", block);
        free_frames_ += 1u << order;
        for (; order < kMaxOrder; ++order) {
            const FrameNumber buddy = block ^ (1u << order);
            if (!is_free_block(buddy, order)) {
                break;
            }
            unlink(buddy, order);
            Frames::at(buddy).kind = FrameKind::allocated;  // part of a block: no head any more
            Frames::at(block).kind = FrameKind::allocated;
            block &= ~(1u << order);
        }
        link(block, order);
    }

    std::size_t free_frames() const { return free_frames_; }

private:
    bool is_free_block(FrameNumber block, unsigned order) const {
        if (block < first_ || block + (1u << order) > end_) {
            return false;
        }
        const Frame& frame = Frames::at(block);
        return frame.kind == FrameKind::free && frame.order == order;
    }

    void link(FrameNumber block, unsigned order) {
        Frame& frame = Frames::at(block);
        frame.kind = FrameKind::free;
        frame.order = static_cast<std::uint8_t>(order);
        frame.previous = kNoFrame;
        frame.next = heads_[order];
        if (frame.next != kNoFrame) {
            Frames::at(frame.next).previous = block;
        }
        heads_[order] = block;
        non_empty_ |= 1u << order;
    }

    void unlink(FrameNumber block, unsigned order) {
        const Frame& frame = Frames::at(block);
        if (frame.next != kNoFrame) {
            Frames::at(frame.next).previous = frame.previous;
        }
        if (frame.previous != kNoFrame) {
            Frames::at(frame.previous).next = frame.next;
        } else {
            heads_[order] = frame.next;
            if (frame.next == kNoFrame) {
                non_empty_ &= ~(1u << order);
            }
        }
    }

    std::array<FrameNumber, kMaxOrder + 1> heads_{};
    std::uint32_t non_empty_ = 0;  ///< bit n: heads_[n] is not empty
    FrameNumber first_ = 0;
    FrameNumber end_ = 0;
    std::size_t free_frames_ = 0;
};

}  // namespace fathom::mm
