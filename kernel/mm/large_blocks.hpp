// Heap blocks of whole pages, straight from the frame allocator.
//
// Owns:    the heap's blocks over 2048 bytes.
// Context: each entry says; heap.cpp is the only caller.

#pragma once

#include <cstddef>

#include <context/witness.hpp>

namespace fathom::mm {

/// A block of at least `size` bytes, aligned to `alignment` (at most 4096); null where memory is
/// out.
/// Context: preemptible, may fault; inside mm.
[[nodiscard]] void* allocate_large(std::size_t size, std::size_t alignment, Preemptible);
/// Context: atomic.
[[nodiscard]] void* allocate_large(std::size_t size, std::size_t alignment, Atomic);

/// Gives a block back; panics if `pointer` is none.
/// Context: preemptible, may fault; inside mm.
void free_large(void* pointer, Preemptible);
/// Context: atomic.
void free_large(void* pointer, Atomic);

/// RAM in such blocks now.
/// Context: any.
std::size_t large_block_bytes();

}  // namespace fathom::mm
