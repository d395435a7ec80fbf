// Parking a thread whose stack fault found no memory.
//
// Owns:    wait_for_memory().
// Context: see there.

#pragma once

#include <arch/trap_frame.hpp>
#include <context/witness.hpp>

namespace fathom {

/// Parks the faulting thread until this CPU's reserve has been refilled, and switches. Returns
/// where memory came before anything else could run: the instruction retries.
/// Context: exception stack, interrupts off; the interrupted code was preemptible.
void wait_for_memory(const arch::TrapFrame& frame, IrqsDisabled irqs);

}  // namespace fathom
