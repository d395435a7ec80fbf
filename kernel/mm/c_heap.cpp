// C's names for the heap: what application code links against.
//
// They have no parameter for a witness, so each claims to be called in preemptible context:
// recorded as a site, asserted with invariants on.
//
// Owns:    malloc, free, calloc, realloc, aligned_alloc, malloc_usable_size.
// Context: preemptible.
// Story:   goes on in heap.cpp.

#include <cstring>

#include <mm/c_heap.hpp>
#include <mm/heap.hpp>

namespace fathom::mm {

extern "C" void* malloc(std::size_t size) noexcept {
    return heap_allocate(size, Preemptible::at_api_boundary());
}

extern "C" void free(void* block) noexcept { heap_free(block, Preemptible::at_api_boundary()); }

extern "C" void* calloc(std::size_t count, std::size_t size) noexcept {
    std::size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return nullptr;
    }
    void* const block = heap_allocate(bytes, Preemptible::at_api_boundary());
    return block == nullptr ? nullptr : std::memset(block, 0, bytes);
}

extern "C" void* realloc(void* block, std::size_t size) noexcept {
    return heap_resize(block, size, Preemptible::at_api_boundary());
}

extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return heap_allocate_aligned(size, alignment, Preemptible::at_api_boundary());
}

extern "C" std::size_t malloc_usable_size(void* block) noexcept {
    return block == nullptr ? 0 : heap_usable_size(block);
}

}  // namespace fathom::mm
