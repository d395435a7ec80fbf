// The emergency reserve: frames for threads that memory's end must not stop.
//
// A thread in the middle of kernel work (context/kernel_work.hpp) may hold what everybody else
// needs to go on, and is never ended to gain memory. Where its stack must grow and nothing is left,
// it draws on this: frames that nobody else gets.
//
// Owns:    kEmergencyFrames frames, for the whole machine.
// Context: lending is the fault's; filling is preemptible. The lock is only ever taken with
//          interrupts off.
// Story:   sched/memory_refill.cpp lends and fills; the frames go through the CPU's frame reserve.

#pragma once

#include <cstddef>

#include <context/witness.hpp>

namespace fathom::mm {

/// What it holds when it is full: eight pages of stack with their tables.
inline constexpr std::size_t kEmergencyFrames = 32;

/// Moves what one fault can need into the running CPU's reserve, zeroed. False where the emergency
/// reserve is dry too.
/// Context: exception stack or atomic, interrupts off.
bool lend_emergency_frames(IrqsDisabled);

/// Fills it up as far as there is memory.
/// Context: preemptible, may fault; inside kernel.
void refill_emergency_reserve(Preemptible);

/// Frames that it holds now.
/// Context: any.
std::size_t emergency_frames();

}  // namespace fathom::mm
