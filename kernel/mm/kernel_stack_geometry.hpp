// Where populated stacks lie: arithmetic alone.
//
// A class for each size, 64 GiB of addresses for each class. The classes up to 64 KiB have slots
// for every thread that there can be and some more, as each may have a stack of its system calls
// besides its own; their bitmaps are 8.5 KiB each. Of the larger ones, which only kernel threads
// ask for, 4,096 must do: those bitmaps are 512 bytes each. All together 45 KiB.
//
// Owns:    the sizes, the strides, how many slots each class has.
// Context: any. Host tests drive it.

#pragma once

#include <bit>
#include <cstdint>

#include <context/lazy_range.hpp>
#include <lib/units.hpp>
#include <mm/kernel_stack.hpp>
#include <mm/stack_geometry.hpp>

namespace fathom::mm {

struct KernelStackGeometry {
    static constexpr unsigned kClasses = 10;  // 4 KiB .. 2 MiB
    static constexpr unsigned kClassShift = 36;
    static constexpr unsigned kManySlotsClasses = 5;  // 4 KiB .. 64 KiB
    static constexpr std::uint32_t kManySlots = 65536 + 4096;
    static constexpr std::uint32_t kFewSlots = 4096;

    static constexpr std::uint64_t size_of(unsigned size_class) { return kPageSize << size_class; }
    static constexpr std::uint64_t stride_of(unsigned size_class) {
        return size_of(size_class) + kPrefaultBytes + kStackGapBytes;
    }
    static constexpr std::uint32_t slots_of(unsigned size_class) {
        return size_class < kManySlotsClasses ? kManySlots : kFewSlots;
    }
    /// The words of the bitmaps of all classes below this one.
    static constexpr std::size_t words_before(unsigned size_class) {
        const unsigned many = size_class < kManySlotsClasses ? size_class : kManySlotsClasses;
        return (std::size_t{many} * kManySlots + std::size_t{size_class - many} * kFewSlots) / 64;
    }
    /// The class that serves `size_bytes`, which is neither 0 nor over kLargestKernelStack.
    static constexpr unsigned class_for(std::uint64_t size_bytes) {
        return size_bytes <= kPageSize ? 0
                                       : static_cast<unsigned>(std::bit_width(size_bytes - 1)) - 12;
    }
    static constexpr VirtAddr base_of(unsigned size_class, std::uint32_t slot) {
        return {kKernelStackBase + (std::uint64_t{size_class} << kClassShift) +
                slot * stride_of(size_class)};
    }
};

static_assert(KernelStackGeometry::size_of(KernelStackGeometry::kClasses - 1) ==
              kLargestKernelStack);
static_assert(KernelStackGeometry::kManySlots *
                  KernelStackGeometry::stride_of(KernelStackGeometry::kManySlotsClasses - 1) <=
              std::uint64_t{1} << KernelStackGeometry::kClassShift);
static_assert(KernelStackGeometry::kFewSlots *
                  KernelStackGeometry::stride_of(KernelStackGeometry::kClasses - 1) <=
              std::uint64_t{1} << KernelStackGeometry::kClassShift);
static_assert(std::uint64_t{KernelStackGeometry::kClasses} << KernelStackGeometry::kClassShift <=
              kKernelStackEnd - kKernelStackBase);

/// How many populated stacks that `size_bytes` asks for can be at once, memory provided.
/// Context: any.
constexpr std::uint32_t most_kernel_stacks(std::uint64_t size_bytes) {
    return KernelStackGeometry::slots_of(KernelStackGeometry::class_for(size_bytes));
}

}  // namespace fathom::mm
