// Contract: a cycle counter, and one deadline per CPU.
//
// Owns:    time in cycles. Under -icount a cycle is an instruction (x86_64: shift=0; aarch64:
//          shift=4, one cntvct tick).

#pragma once

#include <cstdint>

namespace fathom::arch {

/// Ticks of the counter (TSC, CNTVCT_EL0); the same on every CPU; never goes back.
/// Context: any.
inline std::uint64_t read_cycles();

/// A counter that is slower than this is none that a scheduler can work with: init_machine()
/// refuses it.
inline constexpr std::uint64_t kSlowestCounter = 100'000;

/// Ticks in a second, at least kSlowestCounter; constant after init_machine().
/// Context: any, after init_machine().
std::uint64_t cycles_per_second();

/// Interrupts this CPU when read_cycles() reaches `deadline` (at once if it has); replaces the one
/// set before. ~0 means never.
/// Context: atomic, interrupts off.
void arm_timer(std::uint64_t deadline);

}  // namespace fathom::arch

#include <native/timer.hpp>
