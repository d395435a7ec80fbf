// Seeded defects: sections whose prefault is wrong, on stack that happens to be mapped. A plain run
// survives each of them; the adversaries must not (suite.cmake).
//
// Context: preemptible, on an application thread.

#include <adversaries/stepper.hpp>
#include <arch/irq.hpp>
#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <expect_panic/triggers.hpp>
#include <lib/proof_fact.h>
#include <sweep/sweep.hpp>

namespace fathom::triggers {
namespace {

/// Calls of each defect; between them a moment for who takes pages away.
constexpr unsigned kCalls = 64;
constexpr unsigned kMomentCycles = 4'000;

/// So much is needed, and so much is touched ahead.
constexpr std::size_t kNeeded = 700;
constexpr unsigned kTouchedAhead = 256;
/// The stack pointer's place in its page: the edge lies between the two.
constexpr std::uint64_t kAbovePageEdge = 480;

[[gnu::noinline]] void go_deep() {
    char frame[kNeeded];
    frame[0] = 1;
    asm volatile("" : : "r"(frame) : "memory");
}

void go_deep_only(void*) { go_deep(); }

/// `operation` below the same page edge each time, with the page below it mapped beforehand.
void call_above_page_edge(void (*operation)(void*)) {
    const std::uint64_t sp =
        align_down(arch::stack_pointer(), kPageSize) - 4 * kPageSize + kAbovePageEdge;
    for (unsigned call = 0; call < kCalls; ++call) {
        fathom_call_at(sp, callable<CallClass::crash, go_deep_only>(), nullptr);
        for (const std::uint64_t end = arch::read_cycles() + kMomentCycles;
             arch::read_cycles() < end;) {
            arch::spin_hint();
        }
        const Stepped stepped(Preemptible::at_api_boundary());
        fathom_call_at(sp, operation, nullptr);
    }
}

/// A witness that outlives its guard.
[[gnu::noinline]] Atomic stale_witness(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    return atomic;
}

void below_window(void*) {
    PreemptOff atomic{Preemptible::at_api_boundary(), window<kTouchedAhead>};
    go_deep();
}

void without_prefault(void*) {
    static Atomic stale = stale_witness(Preemptible::at_api_boundary());
    PreemptOff atomic{nested_in(stale)};
    go_deep();
}

void by_rule1(void*) {
    PreemptOff atomic{on_kernel_thread};
    go_deep();
}

}  // namespace

void section_below_window(Preemptible) {
    call_above_page_edge(callable<CallClass::crash, below_window>());
}

void section_without_prefault(Preemptible) {
    call_above_page_edge(callable<CallClass::crash, without_prefault>());
}

void section_on_lazy_stack_by_rule1(Preemptible) {
    call_above_page_edge(callable<CallClass::crash, by_rule1>());
}

}  // namespace fathom::triggers
