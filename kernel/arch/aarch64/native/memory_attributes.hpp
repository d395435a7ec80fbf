// aarch64: what the attribute index of a page-table entry selects (MAIR_EL1).
//
// Owns:    the two indices. boot/aarch64 and native/page_table_format.hpp use the same ones, and
//          cpu_setup.S loads the register before the MMU is on (asserted in contract_check.cpp).
// Context: any; constants.

#pragma once

#include <cstdint>

namespace fathom::arch {

/// AttrIndx 0: normal memory, write-back, read- and write-allocate, inner and outer (0xff).
inline constexpr std::uint64_t kNormalMemory = 0;
/// AttrIndx 1: Device-nGnRE (0x04): accesses neither merged nor reordered, writes may be posted.
inline constexpr std::uint64_t kDeviceMemory = 1;

}  // namespace fathom::arch
