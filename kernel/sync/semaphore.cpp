// Owns:    see sync/semaphore.hpp.
// Context: see there.

#include <sync/semaphore.hpp>

#include <context/atomic_scope.hpp>
#include <sched/clock.hpp>
#include <sched/scheduler.hpp>

namespace fathom {

void Semaphore::wait(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    const std::uint32_t ticket = waiters_.lock(atomic);
    if (try_wait()) {
        waiters_.unlock(ticket, atomic);
        return;
    }
    waiters_.block(ticket, atomic);
}

Result<void> Semaphore::wait_until(std::uint64_t deadline_ns, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    waiters_.lock(atomic);
    if (try_wait()) {
        waiters_.unlock(atomic);
        return {};
    }
    if (waiters_.block_until(ns_to_cycles(deadline_ns), atomic) == WakeReason::timed_out) {
        return Error::timed_out;
    }
    return {};
}

[[gnu::always_inline]] inline void Semaphore::post_locked(IrqsDisabled irqs) {
    const std::uint32_t ticket = waiters_.lock(irqs);
    Thread* const first = waiters_.take_first(irqs);
    if (first == nullptr) {
        units_.fetch_add(1, std::memory_order_release);
    }
    waiters_.unlock(ticket, irqs);
    if (first != nullptr) {
        make_runnable(*first, irqs);
    }
}

void Semaphore::post(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    post_locked(atomic);
}

void Semaphore::post(Atomic outer) {
    IrqsOff atomic{nested_in(outer)};
    post_locked(atomic);
}

}  // namespace fathom
