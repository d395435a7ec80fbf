// How kernels end: failed checks, failed reports, CPUs that do not answer, hardened checks.
//
// Context: preemptible, on an application thread.

#include <arch/irq.hpp>
#include <arch/panic_entry.hpp>
#include <context/atomic_scope.hpp>
#include <context/online_cpus.hpp>
#include <context/spinlock.hpp>
#include <expect_panic/triggers.hpp>
#include <lib/assert.hpp>
#include <sched/spawn.hpp>

namespace fathom::triggers {

namespace {

std::atomic<bool> other_cpu_is_hung = false;
const volatile bool hang_is_over = false;  // never; but the prover refuses a section without an end
constinit IrqSpinlock inner_lock{LockRank::frames};
constinit IrqSpinlock outer_lock{LockRank::timers};
constinit IrqSpinlock first_queue_lock{LockRank::run_queue};
constinit IrqSpinlock second_queue_lock{LockRank::run_queue};

/// Runs on another CPU and never lets an interrupt in again.
void hang(Preemptible here, void*) {
    IrqsOff atomic{here, window<512>};
    other_cpu_is_hung = true;
    while (!hang_is_over) {
        arch::spin_hint();
    }
}

/// Writes `length` bytes into an array of 16, unseen by UBSan: the canary is to find it.
[[gnu::noinline]] __attribute__((no_sanitize("undefined"))) void write_past_the_end(
    std::size_t length) {
    char array[16];
    volatile char* bytes = array;
    for (std::size_t index = 0; index < length; ++index) {
        bytes[index] = 'x';
    }
}

}  // namespace

void failed_assertion(Preemptible) {
    const volatile unsigned apples = 3;
    const volatile unsigned baskets = 4;
    ASSERT(apples >= baskets, "a basket is empty: {} apples, {} baskets", apples, baskets);
}

// The message is at an address that is not mapped, so the report faults.
void panic_in_panic(Preemptible) {
    arch::leave_for_panic(VirtAddr{0xffff'd000'0000'0000}.as<const char>(), __FILE__, __LINE__, 0,
                          0);
}

void panic_with_hung_cpu(Preemptible here) {
    ASSERT(online_cpu_count() > 1, "boot this trigger with two CPUs");
    const ThreadAttributes attributes{.name = "hung", .stack_bytes = KiB(64), .affinity = 1u << 1};
    ASSERT(set_affinity(current_thread().id(), 1u << 0, here).ok(), "cannot move to CPU 0");
    ASSERT(spawn_application<hang>(attributes, nullptr, here).ok(), "cannot spawn");
    while (!other_cpu_is_hung) {
        arch::spin_hint();
    }
    PANIC("one CPU panics while another is hung");
}

// Five pages below its first one, a page of its stack is touched: the tests of GDB look for it.
void spin_for_ever(Preemptible here) {
    const VirtAddr below = VirtAddr{arch::stack_pointer()}.page() - 5 * kPageSize;
    *below.as<volatile char>() = 1;
    IrqsOff atomic{here, window<512>};
    for (;;) {
        arch::spin_hint();
    }
}

void undefined_behaviour(Preemptible) {
    const volatile int most = 0x7fffffff;
    [[maybe_unused]] const volatile int more = most + 1;
}

void smashed_stack(Preemptible) {
    // Over the canary, and not over the top of the stack: that page fault would come first.
    const volatile std::size_t length = 32;
    write_past_the_end(length);
}

void lock_order(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    SpinlockHeld inner{inner_lock, atomic};
    SpinlockHeld outer{outer_lock, atomic};
}

void two_run_queues(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    SpinlockHeld first{first_queue_lock, atomic};
    SpinlockHeld second{second_queue_lock, atomic};
}

}  // namespace fathom::triggers
