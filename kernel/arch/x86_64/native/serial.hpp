// x86_64: COM1, a 16550. arch/console.hpp has its reading and writing.

#pragma once

namespace fathom::arch {

/// 115200 baud, 8N1, FIFOs on, no interrupts.
/// Context: boot CPU, before anything is printed.
void init_serial();

/// Received bytes interrupt from here on.
/// Context: boot CPU, interrupts off.
void enable_serial_interrupt();

/// Waits until the last byte written is on the wire, or long enough.
/// Context: any.
void drain_serial();

}  // namespace fathom::arch
