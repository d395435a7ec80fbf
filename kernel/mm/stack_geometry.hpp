// How the range of lazily populated stacks is divided, and how an address is looked up.
//
//     one slot, from low to high addresses (stride bytes):
//
//     | 64 KiB gap, never mapped | 4 KiB for prefaults | usable: 8 KiB << class       | next gap
//     ... slot_base                  first_page            bottom                         top
//
// The gap is a range, not a page: one guard page is jumped by a 5,000-byte frame. The page for
// prefaults may be populated like any other: a window that is touched near the bottom must not make
// a program overflow that fits.
//
// A stack is found by its address alone: class by the arena, index by a multiplication in place of
// a division by the stride.
//
// Owns:    StackGeometry, and the table of classes that a lookup reads.
// Context: any. Host tests check it over all classes.

#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include <context/lazy_range.hpp>
#include <context/rule.hpp>
#include <lib/units.hpp>

namespace fathom::mm {

/// Address space that is never mapped below each stack, lazy or populated.
inline constexpr std::uint64_t kStackGapBytes = KiB(64);
/// Reserved below the usable size for the prefault of a thread at its very end.
inline constexpr std::uint64_t kPrefaultBytes = kPageSize;
static_assert(kLargestWindow <= kPrefaultBytes);

inline constexpr std::uint64_t kSmallestStack = KiB(8);
inline constexpr std::uint64_t kLargestStack = kSmallestStack << (kStackClasses - 1);
static_assert(kLargestStack == GiB(1));

/// Where an address of the lazy range lies: the slot, and how many pages below the slot's top.
struct StackPlace {
    std::uint32_t stack_class;
    std::uint32_t index;
    std::uint32_t depth;  ///< 0 is the highest page
};

struct StackGeometry {
    static constexpr std::uint64_t usable_bytes(unsigned stack_class) {
        return kSmallestStack << stack_class;
    }
    static constexpr std::uint64_t stride(unsigned stack_class) {
        return usable_bytes(stack_class) + kPrefaultBytes + kStackGapBytes;
    }
    /// Slots that fit into an arena.
    static constexpr std::uint32_t slots(unsigned stack_class) {
        return static_cast<std::uint32_t>((std::uint64_t{1} << kArenaShift) / stride(stack_class));
    }
    static constexpr VirtAddr slot_base(unsigned stack_class, std::uint32_t index) {
        return {kLazyStackBase + (std::uint64_t{stack_class} << kArenaShift) +
                index * stride(stack_class)};
    }
    /// The smallest class whose stacks have `bytes`, at most kLargestStack.
    static constexpr unsigned class_for(std::uint64_t bytes) {
        if (bytes <= kSmallestStack) {
            return 0;
        }
        return static_cast<unsigned>(std::bit_width(bytes - 1) -
                                     std::bit_width(kSmallestStack - 1));
    }

    /// Pages of a slot, its gap included.
    static constexpr std::uint32_t slot_pages(unsigned stack_class) {
        return static_cast<std::uint32_t>(stride(stack_class) / kPageSize);
    }

    /// The class in whose arena `address` lies; kStackClasses or more outside of the lazy range.
    [[gnu::always_inline]] static constexpr std::uint32_t class_at(VirtAddr address) {
        return static_cast<std::uint32_t>(address.value >> kArenaShift) -
               static_cast<std::uint32_t>(kLazyStackBase >> kArenaShift);
    }
};

/// What a lookup needs to know of a class, in one place: one address to form, one line to fetch.
/// All but `slots_in_use` is constant.
struct StackClass {
    // page / d == high_half(page, floor(2^64 / d) + 1): the reciprocal is too large by less than 1,
    // the product by less than page < 2^28, and that over 2^64 is less than 1/d, as d < 2^19.
    std::uint64_t reciprocal = 0;
    VirtAddr records;         ///< of the slots: thread_stack.hpp
    std::uint32_t pages = 0;  ///< of a slot
    std::uint32_t pages_above_gap = 0;
    /// Slots whose records are mapped and have been used: a lookup trusts no others. Only grows.
    std::uint32_t slots_in_use = 0;
    std::uint32_t unused = 0;
};
static_assert(sizeof(StackClass) == 32);

/// Where the records lie: 512 MiB of address space for each class, mapped as far as it is used.
inline constexpr std::uint64_t kSlotRecordBase = 0xffff'b800'0000'0000;
inline constexpr unsigned kSlotRecordShift = 29;

namespace detail {
constexpr std::array<StackClass, kStackClasses> make_stack_classes() {
    std::array<StackClass, kStackClasses> result{};
    for (unsigned number = 0; number < kStackClasses; ++number) {
        const std::uint32_t pages = StackGeometry::slot_pages(number);
        result[number].reciprocal = ~std::uint64_t{0} / pages + 1;
        result[number].records = {kSlotRecordBase + (std::uint64_t{number} << kSlotRecordShift)};
        result[number].pages = pages;
        result[number].pages_above_gap =
            pages - static_cast<std::uint32_t>(kStackGapBytes / kPageSize);
    }
    return result;
}
}  // namespace detail
inline constinit std::array<StackClass, kStackClasses> stack_classes = detail::make_stack_classes();

/// The slot of `address` and the page in it; `stack_class` is StackGeometry::class_at(address), in
/// range. The index may be one past the arena's last slot.
/// Context: any.
[[gnu::always_inline]] inline StackPlace locate(VirtAddr address, std::uint32_t stack_class) {
    const StackClass& found = stack_classes[stack_class];
    const std::uint64_t page =
        address.value << (64 - kArenaShift) >> (64 - kArenaShift + kPageShift);
    const auto product = static_cast<unsigned __int128>(page) * found.reciprocal;
    const auto index = static_cast<std::uint32_t>(product >> 64);
    const std::uint32_t end = (index + 1) * found.pages;
    return {stack_class, index, end - 1 - static_cast<std::uint32_t>(page)};
}

/// Whether the place is in the gap below the stack.
/// Context: any.
[[gnu::always_inline]] inline bool in_gap(StackPlace place) {
    return place.depth >= stack_classes[place.stack_class].pages_above_gap;
}

}  // namespace fathom::mm
