// The PL011, as far as it is this architecture's own; reading and writing is arch/console.hpp.
//
// Owns:    init_console_input(), acknowledge_console_interrupt(), drain_console().
// Context: each says.

#pragma once

namespace fathom::arch {

/// Lets the UART interrupt the boot CPU when something is typed.
/// Context: boot CPU, once, interrupts off.
void init_console_input();

/// Takes the UART's request back; the bytes stay in its queue.
/// Context: exception stack, interrupts off.
void acknowledge_console_interrupt();

/// Waits until the last byte is out on the line, but not for ever: for power_off(), which would cut
/// it off.
/// Context: any.
void drain_console();

}  // namespace fathom::arch
