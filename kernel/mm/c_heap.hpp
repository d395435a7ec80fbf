// C's names for the heap, for application code that has no witness at hand.
//
// Owns:    the declarations; hosted headers are not there.
// Context: each says.

#pragma once

#include <cstddef>

extern "C" {

/// `size` bytes, 16-byte aligned; null where memory is out.
/// Context: preemptible, may fault.
void* malloc(std::size_t size) noexcept;
/// Gives a block back; null does nothing.
/// Context: preemptible, may fault.
void free(void* block) noexcept;
/// `count` times `size` zeroed bytes; null where memory is out or the product overflows.
/// Context: preemptible, may fault.
void* calloc(std::size_t count, std::size_t size) noexcept;
/// As heap_resize().
/// Context: preemptible, may fault.
void* realloc(void* block, std::size_t size) noexcept;
/// As heap_allocate_aligned(), in C's order of arguments.
/// Context: preemptible, may fault.
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept;
/// The bytes that may be used of a block: at least what was asked for; 0 for null.
/// Context: any.
std::size_t malloc_usable_size(void* block) noexcept;

}  // extern "C"
