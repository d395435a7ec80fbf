// x86_64: who answers which interrupt.
//
// Owns:    handle_interrupt(), stop_requested().
// Context: each says.

#pragma once

#include <arch/trap_frame.hpp>

namespace fathom::arch {

/// Acknowledges an interrupt and calls whom it is for, then before_interrupt_return(). May not
/// return.
/// Context: exception stack, interrupts off.
void handle_interrupt(TrapFrame& frame);

/// Whether a panicking CPU has sent this NMI (stop_other_cpus()).
/// Context: any.
bool stop_requested();

}  // namespace fathom::arch
