// x86_64: the local APIC's timer, one shot at a time.
//
// Owns:    what init_machine(), init_cpu() and the interrupt need of it; arch/timer.hpp has the
//          rest.
// Context: each says.

#pragma once

#include <lib/result.hpp>

namespace fathom::arch {

/// Measures the time-stamp counter and the APIC timer against the PIT; takes under 1 ms.
/// Errors: unsupported (no PIT that counts).
/// Context: boot CPU, once, interrupts off, after init_local_apic().
Result<void> calibrate_timers();

/// Prepares this CPU's timer: one shot, our vector, nothing armed.
/// Context: once per CPU, interrupts off.
void init_local_timer();

/// Whether this CPU's deadline has passed; if not (it was further off than the timer can count) it
/// is armed again.
/// Context: exception stack, interrupts off.
bool timer_has_expired();

/// Busy-waits. Works from calibrate_timers() on.
/// Context: any.
void spin_for_microseconds(unsigned microseconds);

}  // namespace fathom::arch
