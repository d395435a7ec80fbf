// What a trap that the kernel cannot go on from ends in.
//
// Owns:    declarations only: panic lies above sched.
// Context: trap stack, interrupts off.
// Story:   comes from sched/trap_dispatch.cpp; goes on in panic/report.cpp.

#pragma once

#include <cstdint>

#include <arch/trap.hpp>
#include <context/witness.hpp>

namespace fathom {

/// Upcalls: defined in panic/report.cpp.

/// A stack page was missing where no stack fault is allowed.
/// Context: exception stack, interrupts off.
[[noreturn]] void report_broken_rule(const arch::TrapFrame& frame, const FaultInfo& fault);
/// A stack has come to its end: the fault lies in its gap.
/// Context: exception stack, interrupts off.
[[noreturn]] void report_stack_overflow(const arch::TrapFrame& frame, const FaultInfo& fault);
/// An address that nothing is mapped at, or a right that it does not have.
/// Context: exception stack, interrupts off.
[[noreturn]] void report_wild_access(const arch::TrapFrame& frame, const FaultInfo& fault);
/// The stack of a thread that has ended.
/// Context: exception stack, interrupts off.
[[noreturn]] void report_dead_stack(const arch::TrapFrame& frame, const FaultInfo& fault);
/// Any other trap; see handle_fatal_trap() in arch/trap.hpp.
/// Context: exception stack, interrupts off.
[[noreturn]] void report_fatal_trap(arch::TrapFrame& frame, FatalTrap trap, std::uint64_t code,
                                    const arch::TrapFrame* outer);
/// Another CPU panics: notes that this one has stopped, and stops it.
/// Context: exception stack, interrupts off.
[[noreturn]] void stop_this_cpu(arch::TrapFrame& frame);

/// Tests and adversaries may ask for debug traps (single steps, breakpoints): called with each;
/// true if it was theirs. Null: nobody.
/// Context: exception stack, interrupts off.
using DebugTrapObserver = bool (*)(arch::TrapFrame& frame, IrqsDisabled irqs);
void set_debug_trap_observer(DebugTrapObserver observer);

/// The same for Ipi::inspection: called on the CPU that it was sent to, with what it interrupted.
/// Context: exception stack, interrupts off.
/// It is registered: callable<CallClass::inspection, function>().
using InspectionObserver = void (*)(arch::TrapFrame& frame, IrqsDisabled irqs);
void set_inspection_observer(InspectionObserver observer);

}  // namespace fathom
