// What a page fault means, and whether it may happen here: the one place that decides.
//
// Owns:    the legality of stack faults. Populating is thread_stack.cpp's; decoding, the arch's;
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
#include <context/policy.hpp>
#include <mm/address_space.hpp>
#include <mm/kernel_stack.hpp>
#include <mm/stack_install.hpp>
#include <mm/thread_stack.hpp>
#include <trace/event.hpp>

namespace fathom::mm {

namespace {

bool is_legal_here(const FaultInfo& fault) {
    return StackPolicy::stack_fault_allowed(ContextWord(fault.context_word), fault.irqs_on);
}

/// Outside of the lazy stacks: a lazy range of an application, the gap of a populated stack, or a
/// bug.
[[gnu::noinline, gnu::cold]] FaultOutcome handle_other_fault(const FaultInfo& fault,
                                                             IrqsDisabled irqs) {
    if (in_kernel_stack_gap(fault.address)) {
        return FaultOutcome::stack_overflow;
    }
    if (fault.protection || !in_range_space(fault.address)) {
        return FaultOutcome::not_a_stack;
    }
    // It may have to wait for memory, whatever is there already and whatever the stacks' policy is.
    const bool may_wait = ContextWord(fault.context_word).preemptible() && fault.irqs_on;
    return may_wait ? populate_lazy_page(fault.address, irqs) : FaultOutcome::broken_rule;
}

[[gnu::always_inline]] inline void trace_fault(VirtAddr address, std::uint32_t depth) {
    trace::emit(trace::StackFault{.address = address.value, .page_index = depth});
}

/// A stack's pages allow all but execution: there is nothing that populating would mend.
bool asks_too_much(const FaultInfo& fault) {
    return fault.protection || fault.access == Access::execute;
}

/// A touch that is legal, but not simple: a table is missing, the reserve is low, the page is there
/// already, or the stack is gone.
[[gnu::noinline, gnu::cold]] FaultOutcome populate(const FaultInfo& fault, IrqsDisabled irqs) {
    if (asks_too_much(fault)) {
        return FaultOutcome::not_a_stack;
    }
    const std::uint32_t stack_class = StackGeometry::class_at(fault.address);
    const StackPlace place = locate(fault.address, stack_class);
    switch (ThreadStack::at(place).install(fault.address, irqs)) {
    case Installed::now: trace_fault(fault.address, place.depth); return FaultOutcome::retry;
    case Installed::by_another:  // it won the compare-and-swap, counted and traced
        return FaultOutcome::retry;
    case Installed::no_frame: return FaultOutcome::wait_for_memory;
    case Installed::stack_is_gone:  // the thread ended while we looked: a pointer outlived it
        return FaultOutcome::dead_stack;
    }
    unreachable();
}

[[gnu::noinline, gnu::cold]] FaultOutcome undo(ThreadStack& stack, const FaultInfo& fault,
                                               IrqsDisabled irqs) {
    stack.take_out_again(fault.address, irqs);
    return FaultOutcome::dead_stack;
}

}  // namespace

FaultOutcome handle_page_fault(const FaultInfo& fault, IrqsDisabled irqs) {
    const std::uint32_t stack_class = StackGeometry::class_at(fault.address);
    if (stack_class >= kStackClasses) [[unlikely]] {
        return handle_other_fault(fault, irqs);
    }
    // By address, never by "current thread": in the middle of a switch the two disagree.
    const StackPlace place = locate(fault.address, stack_class);
    if (!ThreadStack::is_slot(place)) [[unlikely]] {
        return FaultOutcome::not_a_stack;
    }
    if (in_gap(place)) [[unlikely]] {
        return FaultOutcome::stack_overflow;
    }
    // Legality before presence: a rule is broken even where another CPU has touched the page first.
    // Populating may wait for memory; an atomic section must not. The rules exist for this line.
    if (!is_legal_here(fault)) [[unlikely]] {
        return asks_too_much(fault) ? FaultOutcome::not_a_stack : FaultOutcome::broken_rule;
    }
    ThreadStack& stack = ThreadStack::at(place);
    switch (stack.install_at_once(fault.address, irqs)) {
    case AtOnce::done: break;
    case AtOnce::no: return populate(fault, irqs);
    case AtOnce::gone: return undo(stack, fault, irqs);
    }
    trace_fault(fault.address, place.depth);
    return FaultOutcome::retry;
}

}  // namespace fathom::mm
