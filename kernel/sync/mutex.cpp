// The long ways of a mutex: somebody else holds it, or waits for it.
//
// Owns:    see sync/mutex.hpp.
// Context: preemptible; hand_over() atomic, interrupts off.

#include <sync/mutex.hpp>

#include <context/atomic_scope.hpp>
#include <lib/assert.hpp>
#include <sched/clock.hpp>
#include <sched/scheduler.hpp>

namespace fathom {

/// True: the mutex was free after all, and is ours. False: whoever unlocks it will look for
/// waiters. The queue is locked.
bool Mutex::take_or_mark_contended() {
    std::uint64_t seen = word_.load(std::memory_order_relaxed);
    for (;;) {
        const std::uint64_t wanted = seen == 0 ? self() : seen | kContended;
        if (word_.compare_exchange_weak(seen, wanted, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
            return seen == 0;
        }
    }
}

void Mutex::lock_contended(Preemptible here) {
    ASSERT(!is_held_by_current(), "a mutex was locked by the thread that holds it (mutex {})",
           this);
    IrqsOff atomic{here, window<1024>};
    waiters_.lock(atomic);
    if (take_or_mark_contended()) {
        waiters_.unlock(atomic);
        return;
    }
    waiters_.block(atomic);  // whoever woke us has made us the holder
}

Result<void> Mutex::lock_until(std::uint64_t deadline_ns, Preemptible here) {
    if (take_free()) {
        return {};
    }
    ASSERT(!is_held_by_current(), "a mutex was locked by the thread that holds it (mutex {})",
           this);
    IrqsOff atomic{here, window<1024>};
    waiters_.lock(atomic);
    if (take_or_mark_contended()) {
        waiters_.unlock(atomic);
        return {};
    }
    if (waiters_.block_until(ns_to_cycles(deadline_ns), atomic) == WakeReason::timed_out) {
        return Error::timed_out;
    }
    return {};
}

void Mutex::unlock_contended(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    hand_over(atomic);
}

void Mutex::hand_over(IrqsDisabled irqs) {
    ASSERT(is_held_by_current(),
           "a mutex was unlocked by a thread that does not hold it (mutex {})", this);
    waiters_.lock(irqs);
    Thread* const next = waiters_.take_first(irqs);  // null where those who waited have given up
    std::uint64_t word = reinterpret_cast<std::uint64_t>(static_cast<arch::ThreadAnchor*>(next));
    if (!waiters_.empty()) {
        word |= kContended;
    }
    word_.store(word, std::memory_order_release);
    waiters_.unlock(irqs);
    if (next != nullptr) {
        make_runnable(*next, irqs);
    }
}

}  // namespace fathom
