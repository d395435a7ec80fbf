// Stack faults where none is allowed: the panic that the five rules exist to prevent.
//
// Context: preemptible, on an application thread.

#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>
#include <expect_panic/triggers.hpp>
#include <lib/assert.hpp>
#include <mm/frame.hpp>
#include <mm/thread_stack.hpp>
#include <sched/spawn.hpp>

namespace fathom::triggers {

namespace {

/// Far below every window, well inside a 64 KiB stack.
constexpr std::uint64_t kFarBelow = 5 * kPageSize;

/// Ranked like the buddy's lock, which the fault path takes.
constinit IrqSpinlock fault_path_lock{LockRank::frames};

/// A store below sp, within the stack's range: what a section that goes too deep does.
[[gnu::always_inline]] inline void touch_far_below() {
    *(VirtAddr{arch::stack_pointer()} - kFarBelow).as<volatile char>() = 1;
}

}  // namespace

void fault_while_atomic(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    touch_far_below();
}

void fault_with_irqs_off(Preemptible here) {
    IrqsOff atomic{here, window<512>};
    touch_far_below();
}

void fault_with_lock_held(Preemptible here) {
    IrqsOff atomic{here, window<512>};
    SpinlockHeld held{fault_path_lock, atomic};
    touch_far_below();
}

// The fault is legal, but the handler's record of frames is not where it was: installing the page
// faults inside the handler.
void fault_inside_fault_handler(Preemptible) {
    mm::detail::frame_array = 0xffff'd000'0000'0000;
    touch_far_below();
}

namespace {

void touch_128_pages(Preemptible here, void*) {
    PreemptOff atomic{here, window<512>};
    for (unsigned page = 1; page <= 128; ++page) {
        *(current_thread().stack_top - page * kPageSize).as<volatile char>() = 1;
    }
}

}  // namespace

// One section that needs more pages than any reserve holds.
void growth_reserve_dry(Preemptible here) {
    const auto thread = spawn_application<touch_128_pages>(
        {.name = "toucher", .stack_bytes = MiB(1)}, nullptr, here);
    ASSERT(thread.ok(), "no memory for a thread");
    static_cast<void>(join_thread(*thread, here));
}

// A pointer into a stack that outlived it. Its top page may be kept for the next thread.
void dead_stack(Preemptible here) {
    const auto stack = mm::ThreadStack::create(KiB(16), 0, here);
    ASSERT(stack.ok(), "no memory for a stack");
    const VirtAddr page = (*stack)->first_page();
    (*stack)->destroy(here);
    *page.as<volatile char>() = 1;
}

}  // namespace fathom::triggers
