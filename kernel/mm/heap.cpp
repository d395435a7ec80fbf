// The heap's front: small blocks from the CPU's magazines, large ones from the frame allocator.
//
// Owns:    the magazines and the slabs of the size classes.
// Context: as the header says. Between touching a magazine and letting go of it nothing may call,
//          or the window of 0 would not hold: slow work is done after the section.
// Story:   slab_central.cpp refills; heap_hardening.hpp adds red zones.

#include <mm/heap.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include <build_options.hpp>
#include <context/atomic_scope.hpp>
#include <context/per_cpu.hpp>
#include <mm/failure_injection.hpp>
#include <mm/heap_hardening.hpp>
#include <mm/large_blocks.hpp>
#include <mm/size_classes.hpp>
#include <mm/slab_central.hpp>

namespace fathom::mm {

namespace {

/// How many blocks of each class a CPU keeps.
constexpr auto kLimits = [] {
    std::array<std::int32_t, kSizeClasses> limits{};
    std::ranges::transform(kBlockSizes, limits.begin(), Magazine::limit_for);
    return limits;
}();

/// A CPU's magazines. The heads of the lists lie together, as one instruction can find a pointer by
/// its index; the whole is a power of two in size, as a shift leads to a CPU's.
struct alignas(512) Magazines {
    std::array<FreeBlock*, kSizeClasses> first{};
    std::array<std::int32_t, kSizeClasses> room = kLimits;
};
constinit PerCpu<Magazines, Birth::by_make> magazines;

template <std::size_t... classes>
constexpr std::array<SlabCentral, kSizeClasses> make_centrals(std::index_sequence<classes...>) {
    return {SlabCentral({.block_size = kBlockSizes[classes],
                         .order = slab_order_for(kBlockSizes[classes]),
                         .size_class = classes})...};
}
constinit std::array<SlabCentral, kSizeClasses> centrals =
    make_centrals(std::make_index_sequence<kSizeClasses>{});

/// Finds the running CPU's magazine of a class.
struct FindMagazine {
    unsigned size_class;
    [[gnu::always_inline]] Magazine operator()(Atomic atomic) const {
        Magazines* all = &magazines.this_cpu(atomic);
        asm("" : "+r"(all));  // one address in a register: else each array gets its own
        return {all->first[size_class], all->room[size_class], kLimits[size_class]};
    }
};

[[gnu::noinline]] void* refill_and_take(unsigned size_class, Preemptible here) {
    return centrals[size_class].refill_and_take(FindMagazine{size_class}, here);
}
[[gnu::noinline]] void* refill_and_take(unsigned size_class, Atomic atomic) {
    return centrals[size_class].refill_and_take(FindMagazine{size_class}, atomic);
}

[[gnu::noinline]] void flush_half(unsigned size_class, Atomic atomic) {
    const Magazine magazine = FindMagazine{size_class}(atomic);
    centrals[size_class].flush(magazine, magazine.limit / 2, atomic);
}
[[gnu::noinline]] void flush_half(unsigned size_class, Preemptible here) {
    PreemptOff atomic{here, window<1024>};
    flush_half(size_class, static_cast<Atomic>(atomic));
}

[[gnu::noinline]] void* preempt_and_return(void* block) {
    preempt_here();
    return block;
}

// The usual way through these two calls nothing, and so has no stack frame: what else there is to
// do is a tail call. Refilling and flushing end sections, too, and so meet a pending reschedule.
[[gnu::always_inline]] inline void* allocate_small(std::size_t size, Preemptible here) {
    const unsigned size_class = size_class_of(size);
    PreemptOffUntilLeave atomic{here, window<0>};
    void* const block = FindMagazine{size_class}(atomic).take();
    if (block == nullptr) [[unlikely]] {
        static_cast<void>(atomic.leave());
        return refill_and_take(size_class, here);
    }
    if (atomic.leave()) [[unlikely]] {
        return preempt_and_return(block);
    }
    return block;
}
[[gnu::always_inline]] inline void put_small(unsigned size_class, void* block, Preemptible here) {
    PreemptOffUntilLeave atomic{here, window<0>};
    if (FindMagazine{size_class}(atomic).put(block)) [[unlikely]] {
        static_cast<void>(atomic.leave());
        return flush_half(size_class, here);
    }
    if (atomic.leave()) [[unlikely]] {
        preempt_here();
    }
}

[[gnu::always_inline]] inline void* allocate_small(std::size_t size, Atomic atomic) {
    const unsigned size_class = size_class_of(size);
    void* const block = FindMagazine{size_class}(atomic).take();
    return block != nullptr ? block : refill_and_take(size_class, atomic);
}
[[gnu::always_inline]] inline void put_small(unsigned size_class, void* block, Atomic atomic) {
    if (FindMagazine{size_class}(atomic).put(block)) [[unlikely]] {
        flush_half(size_class, atomic);
    }
}

/// Large requests, unusual alignments, hardened builds, and whatever a test has told to fail.
template <typename Witness>
[[gnu::noinline]] void* allocate_slowly(std::size_t size, std::size_t alignment, Witness witness) {
    if (allocation_must_fail()) {
        return nullptr;
    }
    const std::size_t slack = kHardened && alignment > kBlockAlignment ? alignment : 0;
    const std::size_t extra = kRedZones + slack;  // more than a block, if aligned to pages
    if (extra > kLargestBlock || size > kLargestBlock - extra) {
        return allocate_large(size, alignment, witness);
    }
    const std::size_t bytes = size + extra;
    void* const block = allocate_small(bytes, witness);
    if (!kHardened || block == nullptr) {
        return block;
    }
    auto* const begin = static_cast<std::byte*>(block);
    auto* const pointer = reinterpret_cast<std::byte*>(
        align_up(reinterpret_cast<std::uint64_t>(begin) + kRedZones / 2, alignment));
    hardening::dress(begin, begin + kBlockSizes[size_class_of(bytes)], pointer, size, true);
    return pointer;
}

template <typename Witness>
[[gnu::always_inline]] inline void* allocate(std::size_t size, Witness witness) {
    const std::size_t limit = __atomic_load_n(&detail::allocate_slowly_above, __ATOMIC_RELAXED);
    if (kHardened || size > limit) [[unlikely]] {
        return allocate_slowly(size, kBlockAlignment, witness);
    }
    return allocate_small(size, witness);
}

template <typename Witness>
void* allocate_aligned(std::size_t size, std::size_t alignment, Witness witness) {
    if (!std::has_single_bit(alignment) || alignment > kPageSize) {
        return nullptr;
    }
    // A power of two is its own class, and such blocks lie at multiples of their size.
    if (!kHardened && alignment > kBlockAlignment && size <= kLargestBlock) {
        size = std::bit_ceil(std::max(size, alignment));
    }
    return allocate_slowly(size, std::max(alignment, kBlockAlignment), witness);
}

template <typename Witness>
[[gnu::always_inline]] inline void release(void* pointer, Witness witness) {
    if (pointer == nullptr) [[unlikely]] {
        return;
    }
    const Frame& state = frame_behind(pointer);
    if (state.kind != FrameKind::slab) [[unlikely]] {
        return free_large(pointer, witness);
    }
    const unsigned size_class = state.size_class;
    if constexpr (kHardened) {
        std::byte* const block = centrals[size_class].block_of(pointer);
        hardening::undress(block, block + kBlockSizes[size_class], pointer);
        pointer = block;
    }
    put_small(size_class, pointer, witness);
}

}  // namespace

void init_heap() { magazines.make(); }

void* heap_allocate(std::size_t size, Preemptible here) { return allocate(size, here); }
void* heap_allocate(std::size_t size, Atomic atomic) { return allocate(size, atomic); }
void* heap_allocate_aligned(std::size_t size, std::size_t alignment, Preemptible here) {
    return allocate_aligned(size, alignment, here);
}
void* heap_allocate_aligned(std::size_t size, std::size_t alignment, Atomic atomic) {
    return allocate_aligned(size, alignment, atomic);
}
void heap_free(void* block, Preemptible here) { release(block, here); }
void heap_free(void* block, Atomic atomic) { release(block, atomic); }

void* heap_resize(void* block, std::size_t size, Preemptible here) {
    if (block == nullptr) {
        return heap_allocate(size, here);
    }
    const std::size_t usable = heap_usable_size(block);
    if (!kHardened && size <= usable && size > usable / 2) {
        return block;
    }
    void* const moved = heap_allocate(size, here);
    if (moved != nullptr) {
        std::memcpy(moved, block, std::min(size, usable));
        heap_free(block, here);
    }
    return moved;
}

std::size_t heap_usable_size(const void* block) {
    if constexpr (kHardened) {
        return hardening::header_of(const_cast<void*>(block)).size_bytes;
    }
    const Frame& state = frame_behind(block);
    return state.kind == FrameKind::slab ? kBlockSizes[state.size_class] : kPageSize << state.order;
}

HeapStatistics heap_statistics() {
    HeapStatistics result{.large_bytes = large_block_bytes()};
    for (const SlabCentral& central : centrals) {
        result.slab_bytes += central.bytes();
    }
    return result;
}

void drain_heap_caches(Preemptible here) {
    for (unsigned size_class = 0; size_class < kSizeClasses; ++size_class) {
        PreemptOff atomic{here, window<1024>};
        centrals[size_class].drain(FindMagazine{size_class}(atomic), atomic);
    }
}

}  // namespace fathom::mm
