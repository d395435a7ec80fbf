// One false claim for each rule, and the stack fault that it then cannot prevent. The kernel's
// monitor shows them as break-rule 1 to 5.
//
// Context: preemptible, on an application thread with a stack of 64 KiB.

#include <context/atomic_scope.hpp>
#include <expect_panic/triggers.hpp>

namespace fathom::triggers {

namespace {

/// Below every window, well inside the stack.
constexpr std::uint64_t kTooDeep = 5 * kPageSize;

/// The first touch of a page, as a function makes it whose frames reach that far.
[[gnu::always_inline]] inline void go_too_deep() {
    *(VirtAddr{arch::stack_pointer()} - kTooDeep).as<volatile char>() = 1;
}

/// A witness that outlives its guard.
[[gnu::noinline]] Atomic stale_witness(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    return atomic;
}

}  // namespace

// "Only ever on kernel threads", on an application thread.
void break_rule1(Preemptible) {
    PreemptOff atomic{on_kernel_thread};
    go_too_deep();
}

// "Only ever on a populated stack", on a lazy one.
void break_rule2(Preemptible) {
    IrqsOff atomic{on_populated_stack};
    go_too_deep();
}

// "Inside another section", which has been left.
void break_rule3(Preemptible here) {
    const Atomic stale = stale_witness(here);
    PreemptOff atomic{nested_in(stale)};
    go_too_deep();
}

// "Touched ahead", but less far than the section goes.
void break_rule4(Preemptible here) {
    PreemptOff atomic{here, window<512>};
    go_too_deep();
}

// The same where it was decided at run time.
void break_rule5(Preemptible) {
    PreemptOff atomic{unknown_context, window<512>};
    go_too_deep();
}

}  // namespace fathom::triggers
