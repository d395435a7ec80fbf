// x86_64: the 8254 PIT, used once: its frequency is the only one that every PC agrees on.
//
// Owns:    channel 0. Its output is the old timer interrupt, which stays masked.
// Context: boot CPU, interrupts off.

#pragma once

#include <cstdint>

namespace fathom::arch {

inline constexpr std::uint64_t kLegacyTimerHertz = 1'193'182;

/// Starts a countdown of that many ticks.
void start_legacy_interval(std::uint16_t ticks);

/// Waits until the countdown ends. False if it never seems to.
bool wait_for_legacy_interval();

}  // namespace fathom::arch
