// Owns:    see sync/condition.hpp.
// Context: see there.

#include <sync/condition.hpp>

#include <context/atomic_scope.hpp>
#include <sched/clock.hpp>
#include <sched/scheduler.hpp>

namespace fathom {

namespace {

void wake_first(WaitQueue& waiters, IrqsDisabled irqs) {
    waiters.lock(irqs);
    Thread* const first = waiters.take_first(irqs);
    waiters.unlock(irqs);
    if (first != nullptr) {
        make_runnable(*first, irqs);
    }
}

void wake_all(WaitQueue& waiters, IrqsDisabled irqs) {
    waiters.lock(irqs);
    waiters.wake_all_and_unlock(irqs);
}

}  // namespace

void Condition::wait(Mutex& mutex, Preemptible here) { wait_until(mutex, ~std::uint64_t{0}, here); }

WakeReason Condition::wait_until(Mutex& mutex, std::uint64_t deadline_ns, Preemptible here) {
    WakeReason reason;
    {
        IrqsOff atomic{here, window<1024>};
        waiters_.lock(atomic);
        waiters_.enqueue_current(atomic);
        waiters_.unlock(atomic);
        mutex.unlock(static_cast<IrqsDisabled>(atomic));
        reason = waiters_.switch_until(ns_to_cycles(deadline_ns), atomic);
    }
    mutex.lock(here);
    return reason;
}

void Condition::notify_one(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    wake_first(waiters_, atomic);
}

void Condition::notify_one(Atomic outer) {
    IrqsOff atomic{nested_in(outer)};
    wake_first(waiters_, atomic);
}

void Condition::notify_all(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    wake_all(waiters_, atomic);
}

void Condition::notify_all(Atomic outer) {
    IrqsOff atomic{nested_in(outer)};
    wake_all(waiters_, atomic);
}

}  // namespace fathom
