// Contract: the interrupt mask, where reading or waiting is all that is wanted; waiting for another
// CPU.
//
// Owns:    waiting for an interrupt and asking whether they are open; what a spinlock is made of.
//          Turning them off and on is arch/stack_probe.hpp's, through the guards.

#pragma once

#include <cstdint>

namespace fathom::arch {

/// Whether the hardware would take an interrupt now. x86_64 pushes the flags: do not call it from a
/// check that must not touch the stack.
/// Context: any.
inline bool irqs_enabled();

/// Sleeps until an interrupt arrives and takes it; one that is pending already ends it at once.
/// Interrupts are off on call and on return; the depth stays counted, so nothing switches inside.
/// x86_64: sti; hlt as a pair, or a wake-up between them is lost (SDM vol. 2B, STI).
/// Context: atomic, interrupts off (idle).
inline void wait_for_interrupt();

/// A hint inside a spin loop.
inline void spin_hint();

/// Makes `word`, which only the caller may write now and which is `old`, one more; who sees that
/// sees what the caller did before. One or two instructions, which no compiler makes of an atomic
/// load and store.
/// Context: any.
inline void increment_release(std::uint32_t& word, std::uint32_t old);

}  // namespace fathom::arch

#include <native/irq.hpp>
