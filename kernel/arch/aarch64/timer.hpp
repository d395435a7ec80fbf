// The CPU's own timer, for this architecture's own use; deadlines are arch/timer.hpp's.
//
// Owns:    timer_interrupt(), init_timer(), silence_timer().
// Context: each says.

#pragma once

#include <cstdint>

#include "machine.hpp"

namespace fathom::arch {

/// The virtual timer's private interrupt, by the device tree; 27 on every machine that follows
/// Arm's base system architecture.
/// Context: any.
inline std::uint32_t timer_interrupt() {
    const std::uint32_t named = machine.facts.virtual_timer_interrupt;
    return named != 0 ? named : 27;
}

/// No deadline yet; its interrupt let through.
/// Context: once per CPU, interrupts off, after gic::init_cpu().
void init_timer();

/// Takes the timer's request back until the next deadline is set.
/// Context: exception stack, interrupts off.
void silence_timer();

}  // namespace fathom::arch
