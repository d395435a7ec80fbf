// The first touch of a stack page, where nothing is unusual about it.
//
// The same questions as in page_fault.cpp, in the same order, but each with one good answer: any
// other leaves the fault to handle_page_fault(), which asks again and names what is wrong. Inlined
// into the trap's upcall without one call in it, so that no register has to be kept.
//
// Owns:    serve_first_touch(), serve_touch_while_low(), the rule's question.
// Context: exception stack, interrupts off.
// Story:   called by sched/trap_dispatch.cpp; goes on in stack_install.hpp; then the instruction
//          retries.

#pragma once

#include <context/context_word.hpp>
#include <context/policy.hpp>
#include <mm/stack_install.hpp>
#include <mm/thread_stack.hpp>
#include <trace/event.hpp>

namespace fathom::mm {

/// Whether a stack page may be populated for code that ran with this context word.
/// Context: any.
[[gnu::always_inline]] inline bool is_legal_here(ContextWord interrupted, bool irqs_on) {
    return StackPolicy::stack_fault_allowed(interrupted, irqs_on);
}

/// Context: any.
[[gnu::always_inline]] inline void trace_first_touch(VirtAddr address, std::uint32_t depth) {
    trace::emit(trace::StackFault{.address = address.value, .page_index = depth});
}

/// The stack that `address` lies in, and how deep, if populating the page is all that the touch may
/// need; null otherwise. `interrupted` and `irqs_on` are of the code that touched.
/// Context: any.
[[gnu::always_inline]] inline ThreadStack* touched_stack(VirtAddr address, ContextWord interrupted,
                                                         bool irqs_on, std::uint32_t& depth) {
    const std::uint32_t stack_class = StackGeometry::class_at(address);
    if (stack_class >= kStackClasses) [[unlikely]] {
        return nullptr;
    }
    // By address, never by "current thread": in the middle of a switch the two disagree.
    const StackPlace place = locate(address, stack_class);
    depth = place.depth;
    if (!ThreadStack::is_slot(place) || in_gap(place) || !is_legal_here(interrupted, irqs_on))
        [[unlikely]] {
        return nullptr;
    }
    return &ThreadStack::at(place);
}

/// Populates the page of `address` with a frame that lies ready. Any answer but `done` needs more:
/// see AtOnce.
/// Context: exception stack, interrupts off.
[[gnu::always_inline]] inline AtOnce serve_first_touch(VirtAddr address, ContextWord interrupted,
                                                       bool irqs_on, IrqsDisabled irqs) {
    std::uint32_t depth;
    ThreadStack* const stack = touched_stack(address, interrupted, irqs_on, depth);
    FrameReserve& reserve = FrameReserve::this_cpu(irqs);
    if (stack == nullptr || !reserve.has_plenty(irqs)) [[unlikely]] {
        return AtOnce::no;
    }
    const AtOnce outcome = stack->install_at_once(address, reserve.peek(irqs), irqs);
    if (outcome == AtOnce::no) [[unlikely]] {
        return outcome;
    }
    reserve.take_peeked(irqs);
    if (outcome == AtOnce::done) [[likely]] {
        trace_first_touch(address, depth);
    }
    return outcome;
}

/// The same where the reserve is low or dry: the frame may come from the allocator, and is zeroed
/// here then. Defined in page_fault.cpp.
/// Context: exception stack, interrupts off.
AtOnce serve_touch_while_low(VirtAddr address, ContextWord interrupted, bool irqs_on,
                             IrqsDisabled irqs);

}  // namespace fathom::mm
