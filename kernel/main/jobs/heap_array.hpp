// Arrays on the heap that free themselves.
//
// Owns:    HeapArray.
// Context: preemptible.

#pragma once

#include <cstddef>
#include <new>
#include <span>

#include <context/witness.hpp>
#include <mm/heap.hpp>

namespace fathom {

/// `count` objects on the heap, freed with their owner. Empty where there was no memory.
template <typename T>
class HeapArray {
public:
    /// Context: preemptible, may fault.
    HeapArray(std::size_t count, Preemptible here) : here_(here) {
        if (void* memory = mm::heap_allocate(count * sizeof(T), here)) {
            objects_ = {static_cast<T*>(memory), count};
            for (T& object : objects_) {
                new (&object) T();
            }
        }
    }
    /// Context: preemptible, may fault.
    ~HeapArray() {
        for (T& object : objects_) {
            object.~T();
        }
        if (!objects_.empty()) {
            mm::heap_free(objects_.data(), here_);
        }
    }
    HeapArray(const HeapArray&) = delete;
    HeapArray& operator=(const HeapArray&) = delete;

    explicit operator bool() const { return !objects_.empty(); }
    std::span<T> objects() const { return objects_; }
    T& operator[](std::size_t index) const { return objects_[index]; }

private:
    std::span<T> objects_;
    [[no_unique_address]] Preemptible here_;
};

}  // namespace fathom
