// aarch64: VMSAv8-64 descriptors, 4 KiB granule, 48 bits (Arm ARM, D8.3 "Translation table
// descriptor formats").
//
// Owns:    Aarch64PageTableFormat. Constants and pure functions only: host tests use it as it is.
// Context: any.

#pragma once

#include <cstdint>

#include <arch/protection.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

struct Aarch64PageTableFormat {
    static constexpr unsigned kLevels = 4;  // our level 4 is the manual's level 0
    static constexpr unsigned kIndexBits = 9;
    static constexpr unsigned kLargestLeaf = 2;  // a 2 MiB block

    static constexpr std::uint64_t kValid = 1ull << 0;
    static constexpr std::uint64_t kTableOrPage = 1ull << 1;
    // AttrIndx: 0 normal write-back, 1 Device-nGnRE, as native/memory_attributes.hpp has it.
    static constexpr std::uint64_t kDevice = 1ull << 2;
    static constexpr std::uint64_t kReadOnly = 1ull << 7;        // AP[2]
    static constexpr std::uint64_t kInnerShareable = 3ull << 8;  // SH
    // Set beforehand: with AF = 0 the first access would fault (an Access flag fault), and QEMU's
    // TCG does not show it.
    static constexpr std::uint64_t kAccessFlag = 1ull << 10;
    static constexpr std::uint64_t kNotGlobal = 1ull << 11;  // tagged with TTBR1's ASID
    static constexpr std::uint64_t kPrivilegedNoExecute = 1ull << 53;
    static constexpr std::uint64_t kUnprivilegedNoExecute = 1ull << 54;
    static constexpr std::uint64_t kLazy = 1ull << 55;  // for software
    static constexpr std::uint64_t kTableBits = kValid | kTableOrPage;
    static constexpr std::uint64_t kAddressMask = 0x0000'ffff'ffff'f000;

    static constexpr std::uint64_t rights(Protection protection) {
        const std::uint64_t never = kUnprivilegedNoExecute;
        switch (protection) {
        case Protection::read_only: return never | kPrivilegedNoExecute | kReadOnly;
        case Protection::read_write: return never | kPrivilegedNoExecute;
        case Protection::read_execute: return never | kReadOnly;
        case Protection::device: return never | kPrivilegedNoExecute | kDevice;
        }
        __builtin_unreachable();
    }
    static constexpr std::uint64_t leaf(PhysAddr frame, Protection protection, unsigned level) {
        return frame.value | kValid | (level == 1 ? kTableOrPage : 0) | kInnerShareable |
               kAccessFlag | kNotGlobal | rights(protection);
    }
    static constexpr std::uint64_t table(PhysAddr next) { return next.value | kTableBits; }
    static constexpr std::uint64_t lazy(Protection protection) {
        return kLazy | rights(protection);
    }

    static constexpr bool is_present(std::uint64_t entry) { return (entry & kValid) != 0; }
    static constexpr bool is_lazy(std::uint64_t entry) {
        return (entry & (kValid | kLazy)) == kLazy;
    }
    static constexpr bool is_leaf(std::uint64_t entry, unsigned level) {
        return is_present(entry) && (level == 1 || (entry & kTableOrPage) == 0);
    }
    static constexpr PhysAddr address(std::uint64_t entry) { return {entry & kAddressMask}; }
    static constexpr Protection protection(std::uint64_t entry) {
        if ((entry & kDevice) != 0) {
            return Protection::device;
        }
        if ((entry & kPrivilegedNoExecute) == 0) {
            return Protection::read_execute;
        }
        return (entry & kReadOnly) == 0 ? Protection::read_write : Protection::read_only;
    }
};

}  // namespace fathom::arch
