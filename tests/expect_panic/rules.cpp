// Rules stated where they are not true. The invariant build asserts each at its site; the plain
// build believes them, and these triggers come back.
//
// Context: preemptible, on an application thread.

#include <context/atomic_scope.hpp>
#include <expect_panic/triggers.hpp>
#include <sched/system_call.hpp>

namespace fathom::triggers {

namespace {

/// A witness that outlives its guard: the types cannot see that, the invariants do.
[[gnu::noinline]] Atomic stale_witness(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    return atomic;
}

}  // namespace

void rule1_on_application_thread(Preemptible) { PreemptOff atomic{on_kernel_thread}; }

void rule2_on_application_thread(Preemptible) { IrqsOff atomic{on_populated_stack}; }

void rule3_when_preemptible(Preemptible here) {
    const Atomic stale = stale_witness(here);
    PreemptOff atomic{nested_in(stale)};
}

void rule4_when_atomic(Preemptible here) {
    PreemptOff outer{here, window<512>};
    PreemptOff inner{here, window<512>};
}

void api_boundary_when_atomic(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    [[maybe_unused]] const Preemptible claimed = Preemptible::at_api_boundary();
}

void system_call_when_atomic(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    static_cast<void>(system_call(SystemCall::nothing, {}, here));
}

}  // namespace fathom::triggers
