// Past the end of a stack, by each way there is. Each must end in a report of the overflow, none in
// a page of the neighbour's stack, populated silently.
//
// Context: preemptible, on an application thread with a small stack.

#include <arch/irq.hpp>
#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <expect_panic/triggers.hpp>
#include <lib/assert.hpp>
#include <lib/units.hpp>
#include <mm/thread_stack.hpp>
#include <sched/system_call.hpp>
#include <sched/system_call_stack.hpp>
#include <sched/timer_queue.hpp>
#include <sweep/sweep.hpp>

namespace fathom::triggers {

namespace {

/// Never true, but the compiler cannot know that: without it the recursion would be "infinite".
volatile bool enough = false;

/// `levels` is only there to be used after the call, so that it is no tail call.
[[gnu::noinline]] unsigned recurse(unsigned levels) {
    volatile char frame[200];
    frame[0] = static_cast<char>(levels);
    asm volatile("" : : "r"(frame) : "memory");  // or the compiler makes the frame small
    if (enough) {
        return levels;
    }
    return recurse(levels + 1) + static_cast<unsigned>(frame[0]);
}

/// A frame of 5,000 bytes whose lowest byte is written first. This file is built without stack
/// probes, so nothing touches the page between.
[[gnu::noinline]] char large_frame() {
    volatile char frame[5000];
    frame[0] = 1;
    asm volatile("" : : "r"(frame) : "memory");  // or the compiler makes the frame small
    return frame[0];
}

/// Goes down until less than half a page is left above the gap, then calls large_frame().
[[gnu::noinline]] unsigned descend_then_jump(VirtAddr gap_end) {
    volatile char frame[200];
    frame[0] = 1;
    asm volatile("" : : "r"(frame) : "memory");  // or the compiler makes the frame small
    const VirtAddr sp{arch::stack_pointer()};
    const unsigned below = sp - gap_end < 2048 ? static_cast<unsigned>(large_frame())
                                              : descend_then_jump(gap_end);
    return below + static_cast<unsigned>(frame[0]);
}

void recurse_on_trap_stack(Timer&, IrqsDisabled) { recurse(0); }

void recurse_here(void*) { recurse(0); }

}  // namespace

void overflow_by_recursion(Preemptible) { recurse(0); }

void overflow_by_large_frame(Preemptible) {
    const mm::ThreadStack* const stack = mm::ThreadStack::containing({arch::stack_pointer()});
    ASSERT(stack != nullptr, "no stack holds sp {}", arch::stack_pointer());
    descend_then_jump(stack->first_page());
}

void overflow_by_alloca(Preemptible) {
    // More than the whole stack, page by page, as a length that came from outside would.
    for (unsigned count = 0; count < 64; ++count) {
        auto* const bytes = static_cast<volatile char*>(__builtin_alloca(2000));
        bytes[0] = 1;
    }
}

void overflow_of_trap_stack(Preemptible here) {
    Timer timer{recurse_on_trap_stack};
    timer.set(arch::read_cycles(), here);
    for (;;) {
        arch::spin_hint();
    }
}

// The section is over its window as well: what mends both is a larger stack, or less depth.
void overflow_while_atomic(Preemptible here) {
    const mm::ThreadStack* const stack = mm::ThreadStack::containing({arch::stack_pointer()});
    ASSERT(stack != nullptr, "no stack holds sp {}", arch::stack_pointer());
    PreemptOff atomic{here, window<512>};
    *(stack->first_page() - 8).as<volatile char>() = 1;
}

// No call goes that deep, so the stack is used as one that does would use it.
void overflow_of_system_call_stack(Preemptible here) {
    static_cast<void>(system_call(SystemCall::nothing, {}, here));
    fathom_call_at(system_call_stack_top(current_thread()).value, recurse_here, nullptr);
}

}  // namespace fathom::triggers
