// At most two pages: that of sp, and that of the window's end.
//
// Context: atomic, interrupts off.

#include <sched/switch_window.hpp>

#include <arch/context_switch.hpp>
#include <context/lazy_range.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/thread_stack.hpp>

namespace fathom {

void populate_largest_window(const Thread& thread, IrqsDisabled irqs) {
    const VirtAddr sp = arch::parked_state(thread).sp;
    if (!in_lazy_range(sp.value)) {
        return;  // it is inside a system call, on a populated stack
    }
    for (const VirtAddr address : {sp - 1, sp - kLargestWindow}) {
        if (thread.stack->is_populated(address, irqs)) {
            continue;
        }
        // Taking the last ones would ask for a refill: a wake-up, in the middle of a switch.
        if (!mm::FrameReserve::this_cpu(irqs).has_plenty(irqs)) {
            return;
        }
        static_cast<void>(thread.stack->install(address, irqs));
    }
}

}  // namespace fathom
