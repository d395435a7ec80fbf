// The PL011's input side, for this architecture's own use; output is arch/console.hpp.
//
// Owns:    init_console_input(), acknowledge_console_interrupt().
// Context: each says.

#pragma once

namespace fathom::arch {

/// Lets the UART interrupt the boot CPU when something is typed.
/// Context: boot CPU, once, interrupts off.
void init_console_input();

/// Takes the UART's request back; the bytes stay in its queue.
/// Context: exception stack, interrupts off.
void acknowledge_console_interrupt();

}  // namespace fathom::arch
