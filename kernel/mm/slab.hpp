// Slabs: runs of pages cut into blocks of one size, and the lists of those that have a block free.
//
// A slab's state is kept in the Frame of its first page; its free blocks are linked through their
// own first word. This part knows neither locks nor CPUs: slab_central.hpp adds them.
//
// Owns:    Slabs<Memory>.
// Context: the caller's; not reentrant.

#pragma once

#include <cstddef>
#include <cstdint>

#include <lib/assert.hpp>
#include <mm/frame.hpp>

namespace fathom::mm {

/// A free block: its first word links it.
struct FreeBlock {
    FreeBlock* next;
};

/// What a slab is made of: told once, the same for all slabs of a list.
struct SlabShape {
    std::uint32_t block_size;  ///< a multiple of 16
    std::uint8_t order;        ///< 2^order pages
    std::uint8_t size_class;   ///< the heap's

    constexpr std::size_t bytes() const { return kPageSize << order; }
    constexpr std::uint32_t blocks() const {
        return static_cast<std::uint32_t>(bytes() / block_size);
    }
};

/// Memory is a policy of static functions: `state(const void* page) -> Frame&` of the page, and
/// `page_of(FrameNumber) -> std::byte*`, `number_of(const void* page) -> FrameNumber`.
template <typename Memory>
class Slabs {
    static constexpr std::uint16_t kNoBlock = 0xffff;

public:
    constexpr explicit Slabs(SlabShape shape) : shape_(shape) {}
    constexpr const SlabShape& shape() const { return shape_; }

    /// Makes the pages at `base` (aligned to their size) a slab, all blocks free, in no list yet.
    void format(std::byte* base) const {
        for (std::size_t offset = 0; offset < shape_.bytes(); offset += kPageSize) {
            Frame& page = Memory::state(base + offset);
            page.kind = FrameKind::slab;
            page.order = shape_.order;
            page.size_class = shape_.size_class;
        }
        Frame& head = Memory::state(base);
        head.blocks_in_use = 0;
        head.first_free = 0;
        for (std::uint32_t index = 0; index < shape_.blocks(); ++index) {
            std::byte* const block = base + index * shape_.block_size;
            const bool last = index + 1 == shape_.blocks();
            reinterpret_cast<FreeBlock*>(block)->next =
                last ? nullptr : reinterpret_cast<FreeBlock*>(block + shape_.block_size);
        }
    }

    /// Adds a formatted slab.
    void add(std::byte* base) {
        ++slabs_;
        ++unused_;
        link(Memory::number_of(base));
    }

    /// A block, or null when no slab has one free.
    FreeBlock* take() {
        if (partial_ == kNoFrame) {
            return nullptr;
        }
        std::byte* const base = Memory::page_of(partial_);
        Frame& head = Memory::state(base);
        auto* const block = reinterpret_cast<FreeBlock*>(base + head.first_free * std::size_t{16});
        unused_ -= head.blocks_in_use == 0;
        ++head.blocks_in_use;
        if (block->next == nullptr) {
            head.first_free = kNoBlock;
            unlink(partial_);
        } else {
            head.first_free = offset_of(base, block->next);
        }
        return block;
    }

    /// Takes a block back. Returns the slab's base when it is empty now: it is in no list any more
    /// and belongs to the caller. Null otherwise.
    std::byte* put(FreeBlock* block) {
        std::byte* const base = base_of(block);
        Frame& head = Memory::state(base);
        ASSERT(head.kind == FrameKind::slab && head.blocks_in_use != 0,
               "a block is freed that its slab did not give: {}", block);
        const bool was_full = head.first_free == kNoBlock;
        block->next = was_full
                          ? nullptr
                          : reinterpret_cast<FreeBlock*>(base + head.first_free * std::size_t{16});
        head.first_free = offset_of(base, block);
        --head.blocks_in_use;
        if (head.blocks_in_use == 0) {
            if (!was_full) {
                unlink(Memory::number_of(base));
            }
            retire(base);
            return base;
        }
        if (was_full) {
            link(Memory::number_of(base));
        }
        return nullptr;
    }

    /// Takes back a slab that was added and of which nobody took a block; its base, or null.
    std::byte* take_unused() {
        if (unused_ == 0) {
            return nullptr;
        }
        std::byte* base = Memory::page_of(partial_);
        while (Memory::state(base).blocks_in_use != 0) {
            base = Memory::page_of(Memory::state(base).next);
        }
        --unused_;
        unlink(Memory::number_of(base));
        retire(base);
        return base;
    }

    /// The start of the block that `inside` points into.
    std::byte* block_of(void* inside) const {
        std::byte* const base = base_of(inside);
        const auto offset = static_cast<std::size_t>(static_cast<std::byte*>(inside) - base);
        return base + offset / shape_.block_size * shape_.block_size;
    }

    std::size_t slabs() const { return slabs_; }

private:
    static std::uint16_t offset_of(const std::byte* base, const void* block) {
        return static_cast<std::uint16_t>((static_cast<const std::byte*>(block) - base) / 16);
    }
    std::byte* base_of(void* block) const {
        return reinterpret_cast<std::byte*>(
            align_down(reinterpret_cast<std::uint64_t>(block), shape_.bytes()));
    }
    /// None of its pages is a slab's any more.
    void retire(std::byte* base) {
        --slabs_;
        for (std::size_t offset = 0; offset < shape_.bytes(); offset += kPageSize) {
            Memory::state(base + offset).kind = FrameKind::allocated;
        }
    }

    void link(FrameNumber number) {
        Frame& head = Memory::state(Memory::page_of(number));
        head.previous = kNoFrame;
        head.next = partial_;
        if (partial_ != kNoFrame) {
            Memory::state(Memory::page_of(partial_)).previous = number;
        }
        partial_ = number;
    }
    void unlink(FrameNumber number) {
        const Frame& head = Memory::state(Memory::page_of(number));
        if (head.next != kNoFrame) {
            Memory::state(Memory::page_of(head.next)).previous = head.previous;
        }
        if (head.previous != kNoFrame) {
            Memory::state(Memory::page_of(head.previous)).next = head.next;
        } else {
            partial_ = head.next;
        }
    }

    SlabShape shape_;
    FrameNumber partial_ = kNoFrame;  ///< slabs with a free block, linked through their Frames
    std::size_t slabs_ = 0;
    std::size_t unused_ = 0;  ///< of these, those of which no block was ever taken
};

}  // namespace fathom::mm
