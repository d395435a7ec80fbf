// What a page fault means, and whether it may happen here: the one place that decides.
//
// first_touch.hpp has served the fault by now if it was a plain first touch: what comes here is
// rare, or a bug.
//
// Owns:    what is wrong with a fault. Populating is thread_stack.cpp's; decoding, the arch's;
//          parking and reporting, sched's.
// Context: exception stack, interrupts off.
// Locks:   one, the frame allocator's (rank frames), and only when the CPU's reserve is dry. It is
//          taken nowhere but with interrupts off, and with them off no stack fault is legal: so no
//          code on a lazy stack holds it when it faults here. Upcall request_reserve_refill() wakes
//          a thread, under the run queue's lock, for which the same holds.
// Story:   called by sched/trap_dispatch.cpp with the fault decoded; goes on in thread_stack.cpp;
//          then the instruction retries.

#include <mm/page_fault.hpp>

#include <context/context_word.hpp>
#include <mm/address_space.hpp>
#include <mm/first_touch.hpp>
#include <mm/growth_reserve.hpp>
#include <mm/kernel_stack.hpp>
#include <mm/thread_stack.hpp>
#include <trace/event.hpp>

namespace fathom::mm {

namespace {

/// Outside of the lazy stacks: a lazy range of an application, the gap of a populated stack, or a
/// bug.
FaultOutcome handle_other_fault(const FaultInfo& fault, IrqsDisabled irqs) {
    if (in_kernel_stack_gap(fault.address)) {
        return FaultOutcome::stack_overflow;
    }
    if (fault.protection || !in_range_space(fault.address)) {
        return FaultOutcome::not_a_stack;
    }
    if (in_range_gap(fault.address, irqs)) {
        return FaultOutcome::stack_overflow;
    }
    // It may have to wait for memory, whatever is there already and whatever the stacks' policy is.
    const bool may_wait = ContextWord(fault.context_word).preemptible() && fault.irqs_on;
    return may_wait ? populate_lazy_page(fault.address, irqs) : FaultOutcome::broken_rule;
}

/// A stack's pages allow all but execution: there is nothing that populating would mend.
bool asks_too_much(const FaultInfo& fault) {
    return fault.protection || fault.access == Access::execute;
}

/// A touch that is legal, but not simple: a table is missing, the reserve is low, the page is there
/// already, or the stack is gone.
FaultOutcome populate(StackPlace place, VirtAddr address, IrqsDisabled irqs) {
    switch (ThreadStack::at(place).install(address, irqs)) {
    case Installed::now: trace_first_touch(address, place.depth); return FaultOutcome::retry;
    case Installed::by_another:  // it won the compare-and-swap, counted and traced
        return FaultOutcome::retry;
    case Installed::no_frame: return FaultOutcome::wait_for_memory;
    case Installed::stack_is_gone:  // the thread ended while we looked: a pointer outlived it
        return FaultOutcome::dead_stack;
    }
    unreachable();
}

/// A first touch in an atomic section. Under most policies that is the end.
FaultOutcome grow_while_atomic(StackPlace place, VirtAddr address, IrqsDisabled irqs) {
    if constexpr (!StackPolicy::kGrowsWhileAtomic) {
        return FaultOutcome::broken_rule;
    }
    request_growth_refill(irqs);
    switch (ThreadStack::at(place).install_while_atomic(address, irqs)) {
    case Installed::now: trace_first_touch(address, place.depth); return FaultOutcome::retry;
    case Installed::by_another: return FaultOutcome::retry;
    case Installed::no_frame: return FaultOutcome::no_growth_left;
    case Installed::stack_is_gone: return FaultOutcome::dead_stack;
    }
    unreachable();
}

}  // namespace

AtOnce serve_touch_while_low(VirtAddr address, ContextWord interrupted, bool irqs_on,
                             IrqsDisabled irqs) {
    std::uint32_t depth;
    ThreadStack* const stack = touched_stack(address, interrupted, irqs_on, depth);
    if (stack == nullptr || failure_is_pending()) {
        return AtOnce::no;
    }
    FrameReserve& reserve = FrameReserve::this_cpu(irqs);
    const PhysAddr frame = reserve.take(irqs);
    if (frame.value == 0) {
        return AtOnce::no;
    }
    const AtOnce outcome = stack->install_at_once(address, frame, irqs);
    if (outcome == AtOnce::no) {
        reserve.give_back(frame, irqs);
    } else if (outcome == AtOnce::done) {
        trace_first_touch(address, depth);
    }
    return outcome;
}

FaultOutcome handle_page_fault(const FaultInfo& fault, IrqsDisabled irqs) {
    const std::uint32_t stack_class = StackGeometry::class_at(fault.address);
    if (stack_class >= kStackClasses) {
        return handle_other_fault(fault, irqs);
    }
    // By address, never by "current thread": in the middle of a switch the two disagree.
    const StackPlace place = locate(fault.address, stack_class);
    if (!ThreadStack::is_slot(place)) {
        return FaultOutcome::not_a_stack;
    }
    if (in_gap(place)) {
        return FaultOutcome::stack_overflow;
    }
    // Legality before presence: a rule is broken even where another CPU has touched the page first.
    // Populating may wait for memory; an atomic section must not. The rules exist for this line.
    if (!is_legal_here(ContextWord(fault.context_word), fault.irqs_on)) {
        return asks_too_much(fault) ? FaultOutcome::not_a_stack
                                    : grow_while_atomic(place, fault.address, irqs);
    }
    return asks_too_much(fault) ? FaultOutcome::not_a_stack : populate(place, fault.address, irqs);
}

}  // namespace fathom::mm
