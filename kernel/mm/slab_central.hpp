// Blocks of one size: a lock around the slabs, and a magazine of free blocks for each CPU.
//
// A magazine is a list that only its own CPU touches, with preemption off: taking or putting a
// block is a few instructions and no lock. An empty one is refilled, a full one is flushed, half at
// a time. A block that was allocated on another CPU goes into the magazine of the CPU that frees
// it.
//
// Owns:    Magazine, SlabCentral.
// Context: atomic, where not said otherwise. Interrupt handlers allocate nothing.
// Story:   used by heap.cpp.

#pragma once

#include <algorithm>
#include <cstdint>

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <mm/direct_map.hpp>
#include <mm/slab.hpp>

namespace fathom::mm {

/// Free blocks of one size at hand on one CPU, wherever they are kept: a view of the head of their
/// list and of a count. Changed only by that CPU, with preemption off.
struct Magazine {
    FreeBlock*& first;
    std::int32_t& room;  ///< blocks that it may still take; negative: some should be flushed
    std::int32_t limit;  ///< the room of an empty one

    std::int32_t count() const { return limit - room; }

    /// A block, or null. Touches no stack.
    [[gnu::always_inline]] void* take() const {
        FreeBlock* const block = first;
        if (block != nullptr) [[likely]] {
            first = block->next;
            ++room;
        }
        return block;
    }
    /// True if it holds more than it should now. Touches no stack.
    [[nodiscard, gnu::always_inline]] bool put(void* pointer) const {
        auto* const block = static_cast<FreeBlock*>(pointer);
        block->next = first;
        first = block;
        return --room < 0;
    }
    /// For blocks of `block_size`: about 8 KiB of them, 4 to 32.
    static constexpr std::int32_t limit_for(std::uint32_t block_size) {
        return std::clamp<std::int32_t>(8192 / static_cast<std::int32_t>(block_size), 4, 32);
    }
};

/// Slabs lie in the direct map.
struct SlabMemory {
    static Frame& state(const void* page) { return frame_behind(page); }
    static std::byte* page_of(FrameNumber number) {
        return phys_to_virt(PhysAddr::of_frame(number)).as<std::byte>();
    }
    static FrameNumber number_of(const void* page) {
        return static_cast<FrameNumber>(virt_to_phys(VirtAddr::of(page)).frame_number());
    }
};

class SlabCentral {
public:
    constexpr explicit SlabCentral(SlabShape shape) : slabs_(shape) {}

    /// Moves blocks into the magazine until it is half full or no slab has one.
    /// Context: atomic.
    void refill(const Magazine& magazine, Atomic);
    /// Moves blocks back until `left` remain; slabs that become empty go back to the allocator.
    /// Context: atomic.
    void flush(const Magazine& magazine, std::int32_t left, Atomic);
    /// Moves all blocks back, and gives every slab back that has none in use.
    /// Context: atomic.
    void drain(const Magazine& magazine, Atomic);
    /// Adds a slab; false when memory is out.
    /// Context: preemptible, may fault; inside mm.
    bool grow(Preemptible);
    /// Context: atomic.
    bool grow(Atomic);

    /// Fills `magazine` (of the CPU that the caller is on then) and takes a block; null when memory
    /// is out. `find` gives the running CPU's magazine for an Atomic.
    /// Context: preemptible, may fault; inside mm.
    template <typename Find>
    void* refill_and_take(Find find, Preemptible here);
    /// Context: atomic.
    template <typename Find>
    void* refill_and_take(Find find, Atomic atomic);

    std::byte* block_of(void* inside) const { return slabs_.block_of(inside); }
    const SlabShape& shape() const { return slabs_.shape(); }
    /// Bytes of RAM that its slabs take.
    std::size_t bytes() const { return slabs_.slabs() * shape().bytes(); }

private:
    void add_formatted(std::byte* base, Atomic);
    Result<PhysAddr> slab_frames(Atomic);
    void give_back(std::byte* slab, Atomic);

    Spinlock lock_{LockRank::heap};
    Slabs<SlabMemory> slabs_;  // Protected by lock_.
};

template <typename Find>
void* SlabCentral::refill_and_take(Find find, Preemptible here) {
    for (;;) {
        {
            PreemptOff atomic{here, window<1024>};
            const Magazine magazine = find(atomic);
            if (magazine.first == nullptr) {
                refill(magazine, atomic);
            }
            if (void* const block = magazine.take()) {
                return block;
            }
        }
        if (!grow(here)) {
            return nullptr;
        }
    }
}

template <typename Find>
void* SlabCentral::refill_and_take(Find find, Atomic atomic) {
    const Magazine magazine = find(atomic);
    refill(magazine, atomic);
    while (magazine.first == nullptr && grow(atomic)) {
        refill(magazine, atomic);  // other CPUs may have been faster
    }
    return magazine.take();
}

}  // namespace fathom::mm
