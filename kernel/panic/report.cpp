// From a trap to the panic stack.
//
// Context: trap stack, interrupts off. The frames that are noted by address stay as they are: the
//          trap stack is left for good.

#include <panic/report.hpp>

#include <arch/cpu_local.hpp>
#include <arch/power.hpp>
#include <lib/assert.hpp>
#include <panic/panic_state.hpp>

namespace fathom {

namespace {

[[noreturn]] void leave_with(const PanicCause& cause) {
    PanicCause& noted = noted_cause(arch::this_cpu_index());
    if (noted.frame == nullptr) {  // a trap during the report must not change what is reported
        noted = cause;
    }
    arch::leave_for_panic("a trap", __FILE__, __LINE__, 0, 0);
}

[[noreturn]] void leave_with_fault(PanicKind kind, const arch::TrapFrame& frame,
                                   const FaultInfo& fault) {
    leave_with({.kind = kind, .frame = &frame, .fault = fault});
}

}  // namespace

void report_broken_rule(const arch::TrapFrame& frame, const FaultInfo& fault) {
    leave_with_fault(PanicKind::broken_rule, frame, fault);
}

void report_stack_overflow(const arch::TrapFrame& frame, const FaultInfo& fault) {
    leave_with_fault(PanicKind::stack_overflow, frame, fault);
}

void report_wild_access(const arch::TrapFrame& frame, const FaultInfo& fault) {
    leave_with_fault(PanicKind::wild_access, frame, fault);
}

void report_dead_stack(const arch::TrapFrame& frame, const FaultInfo& fault) {
    leave_with_fault(PanicKind::dead_stack, frame, fault);
}

void report_fatal_trap(arch::TrapFrame& frame, FatalTrap trap, std::uint64_t code,
                       const arch::TrapFrame* outer) {
    leave_with({.kind = PanicKind::fatal_trap,
                .frame = &frame,
                .outer = outer,
                .trap = trap,
                .code = code});
}

void stop_this_cpu(arch::TrapFrame&) {
    note_stopped(arch::this_cpu_index());
    arch::halt_forever();
}

}  // namespace fathom
