// x86_64: 4-level page-table entries (Intel SDM vol. 3A, 4.5 "4-Level Paging", tables 4-15 to
// 4-20).
//
// Owns:    X86PageTableFormat. Constants and pure functions only: host tests use it as it is.
// Context: any.

#pragma once

#include <cstdint>

#include <arch/protection.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

struct X86PageTableFormat {
    static constexpr unsigned kLevels = 4;
    static constexpr unsigned kIndexBits = 9;
    static constexpr unsigned kLargestLeaf = 2;  // 2 MiB

    static constexpr std::uint64_t kPresent = 1ull << 0;
    static constexpr std::uint64_t kWritable = 1ull << 1;
    static constexpr std::uint64_t kWriteThrough = 1ull << 3;
    static constexpr std::uint64_t kCacheDisable = 1ull << 4;
    // Set beforehand: a walk then never writes to the table.
    static constexpr std::uint64_t kAccessed = 1ull << 5;
    static constexpr std::uint64_t kDirty = 1ull << 6;
    static constexpr std::uint64_t kLargePage = 1ull << 7;
    static constexpr std::uint64_t kLazy = 1ull << 9;  // ignored by hardware
    static constexpr std::uint64_t kNoExecute = 1ull << 63;
    static constexpr std::uint64_t kTableBits = kPresent | kWritable | kAccessed;
    static constexpr std::uint64_t kAddressMask = 0x000f'ffff'ffff'f000;

    static constexpr std::uint64_t rights(Protection protection) {
        switch (protection) {
        case Protection::read_only: return kNoExecute;
        case Protection::read_write: return kWritable | kNoExecute;
        case Protection::read_execute: return 0;
        case Protection::device: return kWritable | kNoExecute | kCacheDisable | kWriteThrough;
        }
        __builtin_unreachable();
    }
    static constexpr std::uint64_t leaf(PhysAddr frame, Protection protection, unsigned level) {
        return frame.value | kPresent | kAccessed | kDirty | (level > 1 ? kLargePage : 0) |
               rights(protection);
    }
    /// Tables allow everything; the leaf decides (SDM vol. 3A, 4.6).
    static constexpr std::uint64_t table(PhysAddr next) { return next.value | kTableBits; }
    static constexpr std::uint64_t lazy(Protection protection) {
        return kLazy | rights(protection);
    }

    static constexpr bool is_present(std::uint64_t entry) { return (entry & kPresent) != 0; }
    static constexpr bool is_lazy(std::uint64_t entry) {
        return (entry & (kPresent | kLazy)) == kLazy;
    }
    static constexpr bool is_leaf(std::uint64_t entry, unsigned level) {
        return is_present(entry) && (level == 1 || (entry & kLargePage) != 0);
    }
    static constexpr PhysAddr address(std::uint64_t entry) { return {entry & kAddressMask}; }
    static constexpr Protection protection(std::uint64_t entry) {
        if ((entry & kCacheDisable) != 0) {
            return Protection::device;
        }
        if ((entry & kNoExecute) == 0) {
            return Protection::read_execute;
        }
        return (entry & kWritable) != 0 ? Protection::read_write : Protection::read_only;
    }
};

}  // namespace fathom::arch
