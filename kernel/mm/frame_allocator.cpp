// Physical frames: the buddy system's lock, the per-CPU caches, and what they start with.
//
// Owns:    the buddy system, the caches, the array of Frames.
// Context: interrupts off in every function that touches them.
// Story:   called by everything in mm that needs memory; goes on in buddy.hpp.

#include <mm/frame_allocator.hpp>

#include <algorithm>
#include <array>
#include <bit>

#include <arch/zero_page.hpp>
#include <context/atomic_scope.hpp>
#include <context/per_cpu.hpp>
#include <context/spinlock.hpp>
#include <mm/boot_context.hpp>
#include <mm/buddy.hpp>
#include <mm/emergency_reserve.hpp>
#include <mm/failure_injection.hpp>
#include <mm/frame.hpp>
#include <mm/frame_poison.hpp>
#include <mm/frame_reserve.hpp>

namespace fathom::mm {

namespace {

struct KernelFrames {
    static Frame& at(FrameNumber number) { return frame_of(PhysAddr::of_frame(number)); }
};
using KernelBuddy = Buddy<KernelFrames>;
static_assert(KernelBuddy::kMaxOrder == kLargestOrder);

/// Under everything else of mm. Its holder has interrupts off, so a fault handler that needs it
/// waits for another CPU at most, never for the code that it interrupted.
constinit IrqSpinlock buddy_lock{LockRank::frames};
constinit KernelBuddy buddy;             // Protected by buddy_lock.
constinit std::size_t total_frames = 0;  // Constant after init_frames().

/// Single frames at hand. Written only by the owning CPU, with interrupts off.
struct FrameCache {
    static constexpr std::size_t kCapacity = 31;
    static constexpr std::size_t kBatch = 16;
    std::uint32_t count = 0;
    std::array<FrameNumber, kCapacity> frames{};
};
constinit PerCpu<FrameCache> frame_caches;

/// Moves up to a batch from the buddy system into the cache.
void fill(FrameCache& cache, IrqsDisabled irqs) {
    SpinlockHeld held{buddy_lock, irqs};
    while (cache.count < FrameCache::kBatch) {
        const FrameNumber frame = buddy.allocate(0);
        if (frame == kNoFrame) {
            return;
        }
        cache.frames[cache.count++] = frame;
    }
}

/// Moves the `count` frames that were put in first back to the buddy system.
void spill(FrameCache& cache, std::size_t count, IrqsDisabled irqs) {
    {
        SpinlockHeld held{buddy_lock, irqs};
        for (std::size_t index = 0; index < count; ++index) {
            buddy.free(cache.frames[index], 0);
        }
    }
    cache.count -= static_cast<std::uint32_t>(count);
    std::copy_n(cache.frames.begin() + count, cache.count, cache.frames.begin());
}

}  // namespace

Result<PhysAddr> allocate_frame(IrqsDisabled irqs) {
    if (allocation_must_fail()) {
        return Error::out_of_memory;
    }
    FrameCache& cache = frame_caches.this_cpu(irqs);
    if (cache.count == 0) {
        fill(cache, irqs);
        if (cache.count == 0) {
            return Error::out_of_memory;
        }
    }
    const PhysAddr frame = PhysAddr::of_frame(cache.frames[--cache.count]);
    check_frame_poison(frame, 0);
    frame_of(frame).kind = FrameKind::allocated;
    return frame;
}

Result<PhysAddr> allocate_frame_in_fault(IrqsDisabled irqs) {
    return frame_caches.this_cpu(irqs).count != 0 ? allocate_frame(irqs) : allocate_frames(0, irqs);
}

void free_frame(PhysAddr frame, IrqsDisabled irqs) {
    ASSERT(frame_of(frame).kind != FrameKind::reserved, "frame {} was never the allocator's",
           frame);
    poison_frames(frame, 0);
    FrameCache& cache = frame_caches.this_cpu(irqs);
    if (cache.count == FrameCache::kCapacity) {
        spill(cache, FrameCache::kBatch, irqs);
    }
    frame_of(frame).kind = FrameKind::allocated;
    cache.frames[cache.count++] = static_cast<FrameNumber>(frame.frame_number());
}

Result<PhysAddr> allocate_frames(unsigned order, IrqsDisabled irqs) {
    if (order > kLargestOrder || allocation_must_fail()) {
        return Error::out_of_memory;
    }
    FrameNumber block;
    {
        SpinlockHeld held{buddy_lock, irqs};
        block = buddy.allocate(order);
    }
    if (block == kNoFrame) {
        return Error::out_of_memory;
    }
    check_frame_poison(PhysAddr::of_frame(block), order);
    return PhysAddr::of_frame(block);
}

void free_frames(PhysAddr base, unsigned order, IrqsDisabled irqs) {
    poison_frames(base, order);
    SpinlockHeld held{buddy_lock, irqs};
    buddy.free(static_cast<FrameNumber>(base.frame_number()), order);
}

Result<PhysAddr> allocate_frame(Preemptible here) {
    IrqsOff irqs{here, window<1024>};
    return allocate_frame(static_cast<IrqsDisabled>(irqs));
}
void free_frame(PhysAddr frame, Preemptible here) {
    IrqsOff irqs{here, window<1024>};
    free_frame(frame, static_cast<IrqsDisabled>(irqs));
}
Result<PhysAddr> allocate_frames(unsigned order, Preemptible here) {
    IrqsOff irqs{here, window<1024>};
    return allocate_frames(order, static_cast<IrqsDisabled>(irqs));
}
void free_frames(PhysAddr base, unsigned order, Preemptible here) {
    IrqsOff irqs{here, window<1024>};
    free_frames(base, order, static_cast<IrqsDisabled>(irqs));
}

FrameStatistics frame_statistics() {
    FrameStatistics result{
        .total = total_frames, .free = buddy.free_frames(), .in_reserves = emergency_frames()};
    for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
        result.in_caches += frame_caches.of(cpu).count;
        result.in_reserves += FrameReserve::of(cpu).count();
    }
    return result;
}

void drain_frame_caches(Preemptible here) {
    IrqsOff irqs{here, window<1024>};
    FrameCache& cache = frame_caches.this_cpu(irqs);
    spill(cache, cache.count, irqs);
}

namespace {

/// Where the array of Frames goes: the start of the largest piece that boot has mapped.
MemoryPiece home_of_array(const MemoryPieces& pieces) {
    MemoryPiece best{};
    for (MemoryPiece piece = pieces.after({0}); piece.begin < kBootMapped && piece.bytes() != 0;
         piece = pieces.after(piece.end)) {
        piece.end = std::min(piece.end, kBootMapped);
        if (piece.bytes() > best.bytes()) {
            best = piece;
        }
    }
    return best;
}

PhysAddr end_of_last(const MemoryPieces& pieces) {
    PhysAddr end{0};
    for (auto piece = pieces.after(end); piece.bytes() != 0; piece = pieces.after(end)) {
        end = piece.end;
    }
    return end;
}

/// Marks [begin, end) as nobody's.
void reserve(PhysAddr begin, PhysAddr end) {
    for (; begin < end; begin = begin + kPageSize) {
        frame_of(begin).kind = FrameKind::reserved;
    }
}

/// Gives [begin, end) to the buddy system in blocks as large as their alignment allows.
void give(PhysAddr begin, PhysAddr end, IrqsDisabled irqs) {
    auto number = static_cast<FrameNumber>(begin.frame_number());
    const auto last = static_cast<FrameNumber>(end.frame_number());
    SpinlockHeld held{buddy_lock, irqs};
    while (number < last) {
        unsigned order = std::min<unsigned>(kLargestOrder, std::countr_zero(number));
        while (number + (1u << order) > last) {
            --order;
        }
        buddy.free(number, order);
        number += 1u << order;
    }
    total_frames = buddy.free_frames();
}

}  // namespace

[[gnu::cold]] void init_frames(const MemoryPieces& pieces) {
    const std::uint64_t total = pieces.total_bytes();
    ASSERT(total >= kLeastMemory, "RAM is too small: {} bytes are usable, at least {} are needed",
           total, kLeastMemory);
    const std::uint64_t first = pieces.after({0}).begin.frame_number();
    const std::uint64_t last = end_of_last(pieces).frame_number();
    const std::uint64_t bytes = align_up((last - first) * sizeof(Frame), kPageSize);
    const MemoryPiece home = home_of_array(pieces);
    ASSERT(home.bytes() > 2 * bytes,
           "RAM is too scattered: {} bytes in the largest piece below 4 GiB, the frames need {}",
           home.bytes(), bytes);
    for (std::uint64_t offset = 0; offset < bytes; offset += kPageSize) {
        arch::zero_page(phys_to_virt(home.begin + offset).as());
    }
    detail::frame_array = phys_to_virt(home.begin).value - first * sizeof(Frame);
    detail::frame_array_by_virt =
        detail::frame_array - (kDirectMapBase >> kPageShift) * sizeof(Frame);
    buddy.set_limits(static_cast<FrameNumber>(first), static_cast<FrameNumber>(last));
    reserve(home.begin, home.begin + bytes);
    const IrqsDisabled irqs = boot_irqs_disabled();
    PhysAddr seen = PhysAddr::of_frame(first);
    for (auto piece = pieces.after({0}); piece.bytes() != 0; piece = pieces.after(piece.end)) {
        reserve(seen, piece.begin);
        seen = piece.end;
        if (piece.begin < kBootMapped) {
            const PhysAddr begin = piece.begin == home.begin ? piece.begin + bytes : piece.begin;
            give(begin, std::min(piece.end, kBootMapped), irqs);
        }
    }
}

void add_high_frames(const MemoryPieces& pieces) {
    for (MemoryPiece piece = pieces.after(kBootMapped); piece.bytes() != 0;
         piece = pieces.after(piece.end)) {
        give(piece.begin, piece.end, boot_irqs_disabled());
    }
}

}  // namespace fathom::mm
