// Contract: what the vectors tell the kernel. Decoding is the arch's, deciding is not.
//
// Owns:    FaultInfo, FatalTrap and the upcalls that a trap ends in.
// Context: trap stack, interrupts off, one interrupt depth counted by the entry.
// Story:   comes from vectors.S -> arch/<arch>/trap.cpp; goes on in sched/trap_dispatch.cpp.

#pragma once

#include <cstdint>

#include <arch/trap_frame.hpp>
#include <lib/units.hpp>

namespace fathom {

enum class Access : std::uint8_t { read, write, execute };

/// A page fault, decoded: nothing of x86 error codes or ESR values leaves arch/.
struct FaultInfo {
    VirtAddr address;            ///< what was touched
    Access access;               ///< how
    bool protection;             ///< the page is there but does not allow it
    std::uint64_t context_word;  ///< of the interrupted code
    bool irqs_on;                ///< in the interrupted code, as the hardware had it
};

/// Everything that ends in a report and not in a retry.
enum class FatalTrap : std::uint8_t {
    invalid_instruction,  ///< #UD, undefined encodings, unknown reason
    divide,               ///< #DE
    floating_point,       ///< #NM, FP access trap: the kernel has no FP state yet
    general_protection,   ///< #GP, #SS, #NP, #TS, alignment
    breakpoint,           ///< #BP, brk
    double_fault,         ///< #DF: x86_64 only
    machine_check,        ///< #MC, SError
    nmi,                  ///< an NMI nobody asked for
    nested_page_fault,    ///< a page fault while one was handled: both frames are reported
    unexpected,           ///< a vector that nothing should raise
};

namespace arch {
/// All that the hardware says of the page fault at `address` that this CPU is handling, whose frame
/// this is. Not part of the upcall: a first touch needs none of it.
/// Context: exception stack, interrupts off, before any other fault.
FaultInfo describe_page_fault(const TrapFrame& frame, VirtAddr address);
}  // namespace arch

/// Upcalls: defined in sched/trap_dispatch.cpp.

/// A page fault. If it returns, the instruction retries; it may park the thread and not return.
void handle_page_fault_trap(arch::TrapFrame& frame, VirtAddr address);
/// Never returns. `outer` is the frame of the trap being handled when this one came, or null.
/// `code` is the raw error code or ESR, for the report only.
[[noreturn]] void handle_fatal_trap(arch::TrapFrame& frame, FatalTrap trap, std::uint64_t code,
                                    const arch::TrapFrame* outer);
/// The local timer's deadline has passed; acknowledged already (EOI done).
void handle_timer_interrupt(arch::TrapFrame& frame);
/// IPIs; acknowledged already.
void handle_reschedule_ipi();
void handle_shootdown_ipi();
/// Somebody wants to see, or to change, what this CPU was doing.
void handle_inspection_ipi(arch::TrapFrame& frame);
/// Console input has arrived.
void handle_console_interrupt();
/// A single step or hardware breakpoint of the kernel's own making; true if somebody wanted it.
bool handle_debug_trap(arch::TrapFrame& frame);
/// Last thing before an interrupt returns, EOI done: switches threads if a reschedule is pending
/// and the interrupted code was preemptible. May not return.
void before_interrupt_return(arch::TrapFrame& frame);
/// The stop that a panicking CPU sent. Never returns. Takes no lock.
[[noreturn]] void handle_stop(arch::TrapFrame& frame);

}  // namespace fathom
