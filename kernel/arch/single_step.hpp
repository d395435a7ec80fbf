// Contract: executing a thread one instruction at a time.
//
// A stepped thread raises a debug trap (handle_debug_trap() of arch/trap.hpp) after each of its
// instructions. What makes it so are bits of its flags, and these travel with it: the hardware
// clears them for a trap handler, the trap frame keeps them, and resuming the frame brings them
// back, on whatever CPU. One way out of a thread keeps no flags: calling fathom_switch. Whoever
// steps stops at parked_in_switch(), where the record is complete, and has it resumed as if it had
// been interrupted there: resume_stepped().
//
// Owns:    the flags. Nothing in the kernel steps: the adversaries do (tests/adversaries).
// Context: each says. Frames are those of the trap being handled.

#pragma once

#include <arch/context_switch.hpp>
#include <arch/trap_frame.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

/// Where fathom_switch has filled the record of the thread that leaves, and the CPU still counts as
/// that thread's: an address in context_switch.S, in a section that goes unless it is asked for.
extern "C" const std::uint64_t fathom_switch_parked;
inline VirtAddr parked_in_switch() { return {fathom_switch_parked}; }

/// Lets this CPU step the threads whose flags want it. Does no harm the second time.
/// Context: once per CPU and again, interrupts off.
inline void allow_single_step();

/// The interrupted thread is stepped from its next instruction on.
/// Context: trap stack, interrupts off.
inline void start_stepping(TrapFrame& frame);
/// From a step's own trap: one instruction more.
/// Context: trap stack, interrupts off.
inline void step_again(TrapFrame& frame);
/// From a step's own trap: no more of them.
/// Context: trap stack, interrupts off.
inline void stop_stepping(TrapFrame& frame);

/// Whether the debug trap being handled is a step's; forgets it where the hardware would not.
/// Context: trap stack, interrupts off.
inline bool take_single_step();

/// Turns the record that fathom_switch has just filled into that of a stepped thread that was
/// interrupted where the call returns to. Stepping begins again when it is resumed. `frame` is the
/// step's own.
/// Context: trap stack, interrupts off; `out` has come to parked_in_switch() and no further.
inline void resume_stepped(ThreadAnchor& out, const TrapFrame& frame);

}  // namespace fathom::arch

#include <native/single_step.hpp>
