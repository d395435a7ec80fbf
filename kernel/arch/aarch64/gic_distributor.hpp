// The distributor's registers, as far as both versions of the GIC share them (IHI 0048, 4.1.2 and
// IHI 0069, 12.8). In version 3 a redistributor's second frame has the same layout for the CPU's
// own interrupts, 0 to 31.
//
// Owns:    the offsets, and what is set up in the same way.
// Context: see gic.hpp.

#pragma once

#include <cstdint>

#include "mmio.hpp"

namespace fathom::arch::gic {

enum DistributorRegister : std::uint64_t {
    dist_control = 0x000,
    dist_type = 0x004,
    dist_group = 0x080,    ///< a bit for each interrupt
    dist_enable = 0x100,   ///< write 1 to set
    dist_disable = 0x180,  ///< write 1 to clear the same
    dist_clear_pending = 0x280,
    dist_clear_active = 0x380,
    dist_priority = 0x400,  ///< a byte for each
    dist_target = 0x800,    ///< version 2: a byte of CPU interfaces for each
    dist_software = 0xf00,  ///< version 2: writing sends
    dist_route = 0x6000,    ///< version 3: 64 bits for each shared interrupt
};
/// One priority for all, in the middle.
inline constexpr std::uint32_t kPriority4 = 0xa0a0'a0a0;
/// Lower than that priority: a CPU takes anything.
inline constexpr std::uint32_t kTakeAll = 0xff;

/// The register of 32 one-bit fields that holds `interrupt`.
constexpr std::uint64_t word_of(std::uint32_t interrupt) { return interrupt / 32 * 4; }
constexpr std::uint32_t bit_of(std::uint32_t interrupt) { return 1u << interrupt % 32; }

/// Off, not pending, not active, group 1, one priority: 32 interrupts from `first` on.
inline void reset_interrupts(Registers registers, std::uint32_t first) {
    const std::uint64_t word = word_of(first);
    registers.write32(dist_disable + word, ~0u);
    registers.write32(dist_clear_pending + word, ~0u);
    registers.write32(dist_clear_active + word, ~0u);
    registers.write32(dist_group + word, ~0u);
    for (std::uint32_t i = 0; i < 32; i += 4) {
        registers.write32(dist_priority + first + i, kPriority4);
    }
}

/// How many interrupts the distributor has (GICD_TYPER.ITLinesNumber): at most 1,024. Of
/// those the last four are not interrupts (GIC specification: special interrupt ids).
inline std::uint32_t interrupt_count(Registers distributor) {
    return 32 * ((distributor.read32(dist_type) & 31) + 1);
}

}  // namespace fathom::arch::gic
