// Heap blocks of whole pages: rounded up to a power of two, remembered in the frame's state.
//
// Owns:    the count of their bytes.
// Context: as the header says.
// Story:   called by heap.cpp; goes on in frame_allocator.cpp.

#include <mm/large_blocks.hpp>

#include <algorithm>
#include <atomic>
#include <bit>

#include <build_options.hpp>
#include <context/atomic_scope.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/heap_hardening.hpp>

namespace fathom::mm {

namespace {

constinit std::atomic<std::size_t> large_bytes = 0;

Result<PhysAddr> take_pages(unsigned order, Preemptible here) {
    return allocate_frames(order, here);
}
Result<PhysAddr> take_pages(unsigned order, Atomic atomic) {
    IrqsOff irqs{nested_in(atomic)};
    return allocate_frames(order, static_cast<IrqsDisabled>(irqs));
}
void give_pages(PhysAddr base, unsigned order, Preemptible here) { free_frames(base, order, here); }
void give_pages(PhysAddr base, unsigned order, Atomic atomic) {
    IrqsOff irqs{nested_in(atomic)};
    free_frames(base, order, static_cast<IrqsDisabled>(irqs));
}

/// Blocks of whole pages. In hardened builds the caller's part begins `lead` bytes in; the Frame of
/// the page where it begins says how many pages back the block does (`size_class`).
template <typename Witness>
void* allocate(std::size_t size, std::size_t alignment, Witness witness) {
    const std::size_t lead = kHardened ? std::max(kRedZones / 2, alignment) : 0;
    const std::size_t bytes = size + (kHardened ? lead + kRedZones / 2 : 0);
    if (bytes < size || bytes > kPageSize << kLargestOrder) {
        return nullptr;
    }
    const auto order = static_cast<unsigned>(std::bit_width((bytes - 1) >> kPageShift));
    const Result<PhysAddr> frames = take_pages(order, witness);
    if (!frames.ok()) {
        return nullptr;
    }
    Frame& state = frame_of(*frames + lead);
    state.kind = FrameKind::large;
    state.order = static_cast<std::uint8_t>(order);
    state.size_class = static_cast<std::uint8_t>(lead >> kPageShift);
    large_bytes.fetch_add(kPageSize << order, std::memory_order_relaxed);
    auto* const block = phys_to_virt(*frames).as<std::byte>();
    if constexpr (kHardened) {
        hardening::dress(block, block + (kPageSize << order), block + lead, size, false);
    }
    return block + lead;
}

template <typename Witness>
void release(void* pointer, Witness witness) {
    const PhysAddr at = virt_to_phys(VirtAddr::of(pointer));
    Frame& state = frame_of(at);
    ASSERT(state.kind == FrameKind::large, "heap: {} is freed, but is no block of the heap's",
           pointer);
    const PhysAddr base{align_down(at.value, kPageSize) - state.size_class * kPageSize};
    const unsigned order = state.order;
    if constexpr (kHardened) {
        auto* const block = phys_to_virt(base).as<std::byte>();
        hardening::undress(block, block + (kPageSize << order), pointer);
    }
    state.kind = FrameKind::allocated;
    large_bytes.fetch_sub(kPageSize << order, std::memory_order_relaxed);
    give_pages(base, order, witness);
}

}  // namespace

void* allocate_large(std::size_t size, std::size_t alignment, Preemptible here) {
    return allocate(size, alignment, here);
}
void* allocate_large(std::size_t size, std::size_t alignment, Atomic atomic) {
    return allocate(size, alignment, atomic);
}
void free_large(void* pointer, Preemptible here) { release(pointer, here); }
void free_large(void* pointer, Atomic atomic) { release(pointer, atomic); }

std::size_t large_block_bytes() { return large_bytes.load(std::memory_order_relaxed); }

}  // namespace fathom::mm
