// Device registers, through their windows in the direct map.
//
// Owns:    Registers: a window and its accesses, each exactly one load or store of the width named.
// Context: any. The boot tables map the first GiB so; mm maps device_windows() in the final table.

#pragma once

#include <cstddef>
#include <cstdint>

#include <lib/units.hpp>

namespace fathom::arch {

/// Where the direct map begins: as mm/direct_map.hpp has it, which arch may not include.
inline constexpr std::uint64_t kDirectMap = 0xffff'8000'0000'0000;

/// A device's registers, by byte offset.
class Registers {
public:
    constexpr explicit Registers(PhysAddr base) : base_(kDirectMap + base.value) {}

    /// The registers from `offset` on, as a bank of their own.
    constexpr Registers at_offset(std::uint64_t offset) const {
        Registers bank = *this;
        bank.base_ += offset;
        return bank;
    }

    std::uint32_t read32(std::uint64_t offset) const { return *at<std::uint32_t>(offset); }
    std::uint64_t read64(std::uint64_t offset) const { return *at<std::uint64_t>(offset); }
    void write8(std::uint64_t offset, std::uint8_t value) const {
        *at<std::uint8_t>(offset) = value;
    }
    void write32(std::uint64_t offset, std::uint32_t value) const {
        *at<std::uint32_t>(offset) = value;
    }
    void write64(std::uint64_t offset, std::uint64_t value) const {
        *at<std::uint64_t>(offset) = value;
    }

private:
    template <typename T>
    volatile T* at(std::uint64_t offset) const {
        return reinterpret_cast<volatile T*>(base_ + offset);
    }

    std::uint64_t base_;
};

}  // namespace fathom::arch
