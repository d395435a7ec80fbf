// From a saved frame to the upcall that it is for: decoding, not deciding.
//
// Owns:    the meaning of vectors and of page-fault error codes.
// Context: exception stack, interrupts off, one interrupt depth counted by vectors.S.
// Story:   called by vectors.S; goes on in sched/trap_dispatch.cpp.

#include <arch/trap.hpp>

#include <arch/cpu_local.hpp>
#include <arch/ipi.hpp>
#include <native/instructions.hpp>
#include <native/interrupts.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {
namespace {

// Bits of a page fault's error code (SDM vol. 3A, 4.7).
constexpr std::uint64_t kPresent = 1u << 0;
constexpr std::uint64_t kWrite = 1u << 1;
constexpr std::uint64_t kFetch = 1u << 4;

/// Whether another page fault was being handled: then the slot had moved, and the frame is not
/// where the first one's is. One comparison, since every first touch pays for it.
[[gnu::always_inline]] inline bool is_nested(const TrapFrame& page_fault) {
    bool elsewhere;
    asm volatile("cmpq %%gs:%c2, %1"
                 : "=@ccne"(elsewhere)
                 : "r"(&page_fault + 1), "i"(CPU_PAGE_FAULT_TOP)
                 : "memory");
    return elsewhere;
}

/// The frame of the page fault that this CPU is handling, or null: while one is handled, the slot
/// lies lower than where it rests.
const TrapFrame* page_fault_in_progress() {
    const CpuLocal& cpu = this_cpu_local();
    if (cpu.task_state.interrupt_stacks[0] == cpu.page_fault_top) {
        return nullptr;
    }
    return VirtAddr{cpu.page_fault_top - sizeof(TrapFrame)}.as<const TrapFrame>();
}

Access access_of(std::uint64_t error_code) {
    if ((error_code & kFetch) != 0) {
        return Access::execute;
    }
    return (error_code & kWrite) != 0 ? Access::write : Access::read;
}

FatalTrap fatal_trap_of(std::uint32_t vector) {
    switch (vector) {
    case kDivideVector: return FatalTrap::divide;
    case kNmiVector: return FatalTrap::nmi;
    case kBreakpointVector: return FatalTrap::breakpoint;
    case kInvalidOpcodeVector: return FatalTrap::invalid_instruction;
    case kDeviceNotAvailableVector:
    case kX87ErrorVector:
    case kSimdErrorVector: return FatalTrap::floating_point;
    case kDoubleFaultVector: return FatalTrap::double_fault;
    case kInvalidTssVector:
    case kSegmentNotPresentVector:
    case kStackSegmentVector:
    case kGeneralProtectionVector:
    case kAlignmentCheckVector: return FatalTrap::general_protection;
    case kMachineCheckVector: return FatalTrap::machine_check;
    default: return FatalTrap::unexpected;
    }
}

}  // namespace

FaultInfo describe_page_fault(const TrapFrame& frame, VirtAddr address) {
    return {.address = address,
            .access = access_of(frame.error_code),
            .protection = (frame.error_code & kPresent) != 0,
            .context_word = frame.context_word,
            .irqs_on = frame_irqs_on(frame)};
}

/// #PF, straight from its gate.
extern "C" void fathom_handle_page_fault(TrapFrame& frame) {
    if (is_nested(frame)) [[unlikely]] {
        handle_fatal_trap(frame, FatalTrap::nested_page_fault, frame.error_code,
                          page_fault_in_progress());
    }
    handle_page_fault_trap(frame, {read_fault_address()});
}

/// #DB, straight from its gate.
extern "C" void fathom_handle_debug(TrapFrame& frame) {
    if (!handle_debug_trap(frame)) {
        handle_fatal_trap(frame, FatalTrap::breakpoint, read_debug_status(),
                          page_fault_in_progress());
    }
}

/// Everything else.
extern "C" void fathom_handle_trap(TrapFrame& frame) {
    if (frame.vector >= kFirstInterruptVector) {
        return handle_interrupt(frame);
    }
    if (frame.vector == kNmiVector && stop_requested()) {
        handle_stop(frame);
    }
    handle_fatal_trap(frame, fatal_trap_of(frame.vector), frame.error_code,
                      page_fault_in_progress());
}

}  // namespace fathom::arch
