// x86_64: registers of devices, where the direct map has them.
//
// Owns:    physical_register().
// Context: any. The windows are in arch/device_windows.hpp; boot's page tables have them too.

#pragma once

#include <cstdint>

#include <native/asm_offsets.h>
#include <lib/units.hpp>

namespace fathom::arch {

/// The 32-bit register at a physical address.
inline volatile std::uint32_t* physical_register(PhysAddr address) {
    return VirtAddr{DIRECT_MAP_BASE + address.value}.as<volatile std::uint32_t>();
}

}  // namespace fathom::arch
