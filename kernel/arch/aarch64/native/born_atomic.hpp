// aarch64: the context word that a thread starts with.
//
// Owns:    kBornAtomic.
// Context: any; a constant.

#pragma once

#include <arch/stack_probe.hpp>

namespace fathom::arch {

/// An interrupt depth of 1, nobody waiting. thread_begin() takes the depth off.
inline constexpr std::uint64_t kBornAtomic = kCalmBit | 1 << 16;

}  // namespace fathom::arch
