// Units of memory as types: addresses that cannot be mixed up, counts that say what they count.
//
// Owns:    VirtAddr, PhysAddr, PageCount, the page size and the byte-size helpers.
// Context: any; no state. Builds on the host too.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace fathom {

/// Bytes in a page. Stacks, frames and protection are all in units of this, on both architectures.
inline constexpr std::size_t kPageSize = 4096;
inline constexpr unsigned kPageShift = 12;

constexpr std::size_t KiB(std::size_t count) { return count << 10; }
constexpr std::size_t MiB(std::size_t count) { return count << 20; }
constexpr std::size_t GiB(std::size_t count) { return count << 30; }

/// `value` rounded down to a multiple of `alignment`, a power of two.
constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t alignment) {
    return value & ~(alignment - 1);
}

/// `value` rounded up to a multiple of `alignment`, a power of two. The sum must not wrap.
constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
    return align_down(value + alignment - 1, alignment);
}

constexpr bool is_aligned(std::uint64_t value, std::uint64_t alignment) {
    return (value & (alignment - 1)) == 0;
}

/// An address that the kernel may dereference once it is mapped.
struct VirtAddr {
    std::uint64_t value = 0;

    constexpr auto operator<=>(const VirtAddr&) const = default;
    constexpr VirtAddr operator+(std::uint64_t bytes) const { return {value + bytes}; }
    constexpr VirtAddr operator-(std::uint64_t bytes) const { return {value - bytes}; }
    constexpr std::uint64_t operator-(VirtAddr other) const { return value - other.value; }
    constexpr VirtAddr page() const { return {align_down(value, kPageSize)}; }

    /// The address as a pointer. The caller knows what lives there.
    template <typename T = void>
    T* as() const {
        return reinterpret_cast<T*>(value);
    }
    static VirtAddr of(const volatile void* pointer) {
        return {reinterpret_cast<std::uint64_t>(pointer)};
    }
};

/// An address on the memory bus. Never dereferenced: phys_to_virt() (mm/direct_map.hpp) first.
struct PhysAddr {
    std::uint64_t value = 0;

    constexpr auto operator<=>(const PhysAddr&) const = default;
    constexpr PhysAddr operator+(std::uint64_t bytes) const { return {value + bytes}; }
    constexpr PhysAddr operator-(std::uint64_t bytes) const { return {value - bytes}; }
    constexpr std::uint64_t operator-(PhysAddr other) const { return value - other.value; }
    constexpr std::uint64_t frame_number() const { return value >> kPageShift; }
    static constexpr PhysAddr of_frame(std::uint64_t number) { return {number << kPageShift}; }
};

/// A number of 4 KiB pages.
struct PageCount {
    std::size_t value = 0;

    constexpr PageCount() = default;
    constexpr explicit PageCount(std::size_t pages) : value(pages) {}
    constexpr auto operator<=>(const PageCount&) const = default;
    constexpr std::size_t bytes() const { return value << kPageShift; }
};

}  // namespace fathom
