// Every trap's upcall: what it means for threads.
//
// We are on a trap stack of this CPU, which belongs to no thread: nothing here waits, and
// interrupts stay off. Where another thread should run, the interrupted one is parked in its frame
// and the trap stack is left for good (switch_away_from_trap).
//
// Owns:    the upcalls of arch/trap.hpp; the only witnesses that no guard makes: the hardware
//          turned interrupts off, and the entry counted that.
// Context: exception stack, interrupts off.
// Story:   comes from arch/<arch>/trap.cpp; goes on in mm/page_fault.cpp, tick.cpp,
//          mm/shootdown.cpp or panic/report.cpp.

#include <sched/trap_dispatch.hpp>

#include <arch/cpu_local.hpp>
#include <arch/ipi.hpp>
#include <arch/stack_probe.hpp>
#include <context/context_word.hpp>
#include <context/witness.hpp>
#include <lib/proof_fact.h>
#include <lib/thread_safety.hpp>
#include <mm/emergency_reserve.hpp>
#include <mm/first_touch.hpp>
#include <mm/growth_reserve.hpp>
#include <mm/page_fault.hpp>
#include <mm/shootdown.hpp>
#include <sched/console_input.hpp>
#include <sched/memory_refill.hpp>
#include <sched/quiescence.hpp>
#include <sched/scheduler.hpp>
#include <trace/event.hpp>

namespace fathom {

namespace {

constinit DebugTrapObserver debug_trap_observer = nullptr;
constinit InspectionObserver inspection_observer = nullptr;

[[gnu::always_inline]] inline IrqsDisabled masked_by_hardware() FATHOM_IS_ATOMIC {
    return detail::WitnessMint::irqs_disabled();
}

/// Wakes who refills what stack faults in atomic sections have taken.
[[gnu::always_inline]] inline void refill_growth_if_low(IrqsDisabled irqs) {
    if constexpr (StackPolicy::kGrowsWhileAtomic) {
        if (mm::GrowthReserve::this_cpu(irqs).needs_refill()) {
            mm::request_reserve_refill(irqs);
        }
    }
}

/// Traces that an interrupt is handled, for the length of a scope.
class TracedInterrupt {
public:
    explicit TracedInterrupt(trace::Interrupt interrupt) : interrupt_(interrupt) {
        trace::emit(trace::IrqEnter{.interrupt = interrupt_});
    }
    ~TracedInterrupt() { trace::emit(trace::IrqLeave{.interrupt = interrupt_}); }
    TracedInterrupt(const TracedInterrupt&) = delete;
    TracedInterrupt& operator=(const TracedInterrupt&) = delete;

private:
    trace::Interrupt interrupt_;
};

/// The stack's thread ended while the page went in.
[[gnu::noinline, gnu::cold]] void report_end_while_touched(arch::TrapFrame& frame,
                                                           VirtAddr address) {
    mm::ThreadStack::containing(address)->take_out_again(address, masked_by_hardware());
    report_dead_stack(frame, arch::describe_page_fault(frame, address));
}

/// Whatever is not the plain first touch of a stack page. It may have woken who refills the
/// reserve, above all applications: then the faulting thread goes on later.
[[gnu::noinline, gnu::cold]] void handle_unusual_fault(arch::TrapFrame& frame, VirtAddr address) {
    const IrqsDisabled irqs = masked_by_hardware();
    const ContextWord interrupted{arch::frame_context_word(frame)};
    switch (mm::serve_touch_while_low(address, interrupted, arch::frame_irqs_on(frame), irqs)) {
    case mm::AtOnce::done: return before_interrupt_return(frame);
    case mm::AtOnce::no: break;
    case mm::AtOnce::gone: return report_end_while_touched(frame, address);
    }
    const FaultInfo fault = arch::describe_page_fault(frame, address);
    switch (mm::handle_page_fault(fault, irqs)) {
    case mm::FaultOutcome::retry: return before_interrupt_return(frame);
    case mm::FaultOutcome::wait_for_memory:
        // Who holds what others wait for goes on at any price, as long as there is one to pay.
        if (current_thread().kernel_work != 0 && mm::lend_emergency_frames(irqs)) {
            return handle_unusual_fault(frame, address);
        }
        return wait_for_memory(frame, irqs);
    case mm::FaultOutcome::no_growth_left:
        PANIC("no frame is left for a stack fault in an atomic section (at {}, context word {})",
              address.value, interrupted.bits());
    case mm::FaultOutcome::broken_rule: report_broken_rule(frame, fault);
    case mm::FaultOutcome::stack_overflow: report_stack_overflow(frame, fault);
    case mm::FaultOutcome::not_a_stack: report_wild_access(frame, fault);
    case mm::FaultOutcome::dead_stack: report_dead_stack(frame, fault);
    }
    unreachable("an outcome of a page fault that does not exist");
}

}  // namespace

// Neither call comes back here: what is not done at once needs no register of ours.
void handle_page_fault_trap(arch::TrapFrame& frame, VirtAddr address) {
    const ContextWord interrupted{arch::frame_context_word(frame)};
    switch (mm::serve_first_touch(address, interrupted, arch::frame_irqs_on(frame),
                                  masked_by_hardware())) {
    case mm::AtOnce::done: return;
    case mm::AtOnce::no: return handle_unusual_fault(frame, address);
    case mm::AtOnce::gone: return report_end_while_touched(frame, address);
    }
}

void handle_fatal_trap(arch::TrapFrame& frame, FatalTrap trap, std::uint64_t code,
                       const arch::TrapFrame* outer) {
    report_fatal_trap(frame, trap, code, outer);
}

void handle_timer_interrupt(arch::TrapFrame&) {
    const TracedInterrupt traced{trace::Interrupt::timer};
    handle_tick(masked_by_hardware());
}

// What is asked for is done on the way out: before_interrupt_return().
void handle_reschedule_ipi() {
    const TracedInterrupt traced{trace::Interrupt::reschedule};
    arch::set_reschedule_pending();
    note_quiescence_if_idle(masked_by_hardware());
    refill_growth_if_low(masked_by_hardware());
}

// The interrupted section may hold the run queue's lock: the interrupt comes when it has ended.
void mm::request_growth_refill(IrqsDisabled) {
    arch::send_ipi(arch::this_cpu_index(), arch::Ipi::reschedule);
}

void handle_shootdown_ipi() {
    const TracedInterrupt traced{trace::Interrupt::shootdown};
    mm::handle_shootdown(masked_by_hardware());
}

void handle_console_interrupt() {
    const TracedInterrupt traced{trace::Interrupt::console};
    take_console_input(masked_by_hardware());
}

bool handle_debug_trap(arch::TrapFrame& frame) {
    const DebugTrapObserver observer = __atomic_load_n(&debug_trap_observer, __ATOMIC_ACQUIRE);
    if (observer == nullptr) {
        return false;
    }
    indirect_call_of<CallClass::debug_trap>();
    return observer(frame, masked_by_hardware());
}

void set_debug_trap_observer(DebugTrapObserver observer) {
    __atomic_store_n(&debug_trap_observer, observer, __ATOMIC_RELEASE);
}

void handle_inspection_ipi(arch::TrapFrame& frame) {
    if (const auto observer = __atomic_load_n(&inspection_observer, __ATOMIC_ACQUIRE)) {
        indirect_call_of<CallClass::inspection>();
        observer(frame, masked_by_hardware());
    }
}

void set_inspection_observer(InspectionObserver observer) {
    __atomic_store_n(&inspection_observer, observer, __ATOMIC_RELEASE);
}

// The live word tells whether a switch is wanted (the handler may have asked for it); the frame's
// word, whether the interrupted code may be left. If not, leaving its section will see to it.
void before_interrupt_return(arch::TrapFrame& frame) {
    const ContextWord interrupted{arch::frame_context_word(frame)};
    if (ContextWord::now().reschedule_pending() && interrupted.preemptible()) {
        switch_away_from_trap(frame, masked_by_hardware());
    }
}

void handle_stop(arch::TrapFrame& frame) { stop_this_cpu(frame); }

}  // namespace fathom
