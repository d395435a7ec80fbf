// x86_64: the 8259 interrupt controllers that firmware leaves running.
//
// Owns:    silence_legacy_pics().

#pragma once

namespace fathom::arch {

/// Moves the two 8259s off the exceptions' vectors and masks them. It must come before
/// init_local_apic(): firmware's timer interrupt is usually pending, and the CPU is told that it is
/// gone only while the local APIC still passes the 8259's line on. Masked there first, the line
/// stays up, and the CPU takes an interrupt that nobody has a vector for as soon as it may.
/// Context: boot CPU, once, interrupts off.
void silence_legacy_pics();

}  // namespace fathom::arch
