// Bytes typed on the console.
//
// Owns:    a ring of the last 256 bytes that nobody has read.
// Context: see each.
// Story:   filled by the console's interrupt (trap_dispatch.cpp).

#pragma once

#include <context/witness.hpp>

namespace fathom {

/// Moves what the console has into the ring; bytes that do not fit are lost.
/// Context: exception stack, interrupts off.
void take_console_input(IrqsDisabled irqs);

/// As if `byte` had been typed; lost where the ring is full.
/// Context: atomic, interrupts off.
void put_console_input(char byte, IrqsDisabled irqs);

/// The next byte typed; waits for it.
/// Context: preemptible, may fault.
char read_console(Preemptible here);

}  // namespace fathom
