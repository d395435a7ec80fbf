// A standstill: every CPU waits in an interrupt handler while one of them looks around.
//
// A CPU that has taken the interrupt had interrupts on, so whatever it was doing holds no lock that
// interrupt handlers take; and no CPU is in the middle of a switch, a stack fault or a change of
// the thread table. So all of these are whole, and stay as they are: each thread is either what a
// CPU has interrupted or parked with a complete record.
//
// Owns:    the standstill.
// Context: each says.
// Story:   asked for by evictor.cpp's timer; it interrupts its own CPU (Ipi::inspection), which
//          then interrupts the others.

#pragma once

#include <span>

#include <arch/trap_frame.hpp>
#include <context/witness.hpp>
#include <sched/thread.hpp>

namespace fathom {

/// What a CPU was doing.
struct StoppedCpu {
    arch::TrapFrame* frame = nullptr;
    Thread* thread = nullptr;
};

/// Upcall: defined in evictor.cpp. Called on one CPU while all stand still; afterwards every CPU
/// forgets its translations before it goes on. `cpus` is by CPU index.
/// Context: trap stack, interrupts off.
void at_standstill(std::span<const StoppedCpu> cpus, IrqsDisabled irqs);

/// Context: preemptible; once.
void prepare_standstills();

/// A standstill as soon as this CPU takes interrupts again. Only ever asked for on one CPU.
/// Context: interrupts off.
void request_standstill(IrqsDisabled irqs);

}  // namespace fathom
