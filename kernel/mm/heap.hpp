// The kernel's heap: size classes of 16 to 2048 bytes with a list per CPU, whole pages above.
//
// Owns:    what malloc() and new give out.
// Context: two entries each: preemptible callers prefault (rule 4, with a window of 0 on the fast
//          path, which touches no stack), atomic callers do not (rule 3). Handlers allocate
//          nothing.
// Story:   c_heap.cpp gives it C's names; goes on in slab_central.cpp.

#pragma once

#include <cstddef>

#include <context/witness.hpp>

namespace fathom::mm {

/// `size` bytes, 16-byte aligned, undefined contents; null where memory is out. A size of 0 gives
/// a block of its own.
/// Context: preemptible, may fault.
[[nodiscard]] void* heap_allocate(std::size_t size, Preemptible);
/// Context: atomic, interrupts on.
[[nodiscard]] void* heap_allocate(std::size_t size, Atomic);

/// As heap_allocate(), aligned to `alignment`, a power of two of at most 4096; null for others.
/// Context: preemptible, may fault.
[[nodiscard]] void* heap_allocate_aligned(std::size_t size, std::size_t alignment, Preemptible);
/// Context: atomic, interrupts on.
[[nodiscard]] void* heap_allocate_aligned(std::size_t size, std::size_t alignment, Atomic);

/// Gives a block back, on any CPU. Null does nothing.
/// Context: preemptible, may fault.
void heap_free(void* block, Preemptible);
/// Context: atomic, interrupts on.
void heap_free(void* block, Atomic);

/// Changes a block's size, moving it where it must; null (and the block stays) where memory is
/// out. A null block is allocated, a size of 0 keeps a block of the smallest class.
/// Context: preemptible, may fault.
[[nodiscard]] void* heap_resize(void* block, std::size_t size, Preemptible);

/// The bytes that may be used of a block: at least what was asked for.
/// Context: any.
std::size_t heap_usable_size(const void* block);

struct HeapStatistics {
    std::size_t slab_bytes = 0;   ///< RAM in slabs, free blocks included
    std::size_t large_bytes = 0;  ///< RAM in blocks of whole pages
    std::size_t total() const { return slab_bytes + large_bytes; }
};
/// A snapshot.
/// Context: any.
HeapStatistics heap_statistics();

/// Before the first allocation.
/// Context: boot CPU, once.
void init_heap();

/// Puts the free blocks of the running CPU's lists back into their slabs.
/// Context: preemptible, may fault.
void drain_heap_caches(Preemptible);

}  // namespace fathom::mm
