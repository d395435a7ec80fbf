// The long ways of a mutex: somebody else holds it, or waits for it.
//
// Owns:    see sync/mutex.hpp.
// Context: preemptible; hand_over() atomic, interrupts off.

#include <sync/mutex.hpp>

#include <context/atomic_scope.hpp>
#include <lib/assert.hpp>
#include <sched/clock.hpp>
#include <sched/scheduler.hpp>
#include <sched/thread_end.hpp>

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

/// The owner may have been ended by the kernel: then the mutex is ours. The queue is locked, and
/// the word is marked, so an owner that lives cannot let go, and a control block that has been
/// ended stays for ever.
bool Mutex::take_over_from_ended() {
    const std::uint64_t owner = word_.load(std::memory_order_relaxed) & ~kContended;
    const auto& thread =
        *static_cast<const Thread*>(reinterpret_cast<const arch::ThreadAnchor*>(owner));
    if (!__atomic_load_n(&thread.ended, __ATOMIC_SEQ_CST)) {
        return false;
    }
    give_to(&current_thread());
    owner_died_ = true;
    return true;
}

/// True: it is ours. False: whoever lets go of it, or ends its owner, finds us: what we want is
/// said before the owner is looked at. The queue is locked.
bool Mutex::take_or_want() {
    Thread& current = current_thread();
    __atomic_store_n(&current.wanted_mutex, this, __ATOMIC_SEQ_CST);
    if (take_or_mark_contended() || take_over_from_ended()) {
        current.wanted_mutex = nullptr;
        return true;
    }
    return false;
}

bool Mutex::take_if_ended(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    SpinlockHeld held{waiters_.spinlock(), atomic};
    return take_or_mark_contended() || take_over_from_ended();
}

void Mutex::lock_contended(Preemptible here) {
    ASSERT(!is_held_by_current(), "a mutex was locked by the thread that holds it (mutex {})",
           this);
    IrqsOff atomic{here, window<1024>};
    waiters_.lock(atomic);
    if (take_or_want()) {
        waiters_.unlock(atomic);
        return;
    }
    waiters_.block(atomic);  // whoever woke us has made us the holder
    current_thread().wanted_mutex = nullptr;
}

Result<void> Mutex::lock_until(std::uint64_t deadline_ns, Preemptible here) {
    if (take_free()) {
        return {};
    }
    ASSERT(!is_held_by_current(), "a mutex was locked by the thread that holds it (mutex {})",
           this);
    IrqsOff atomic{here, window<1024>};
    waiters_.lock(atomic);
    if (take_or_want()) {
        waiters_.unlock(atomic);
        return {};
    }
    const WakeReason reason = waiters_.block_until(ns_to_cycles(deadline_ns), atomic);
    current_thread().wanted_mutex = nullptr;
    if (reason == WakeReason::timed_out) {
        return Error::timed_out;
    }
    return {};
}

void Mutex::unlock_contended(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    hand_over(atomic);
}

/// `next` holds it from now on, or nobody. The queue is locked.
void Mutex::give_to(Thread* next) {
    std::uint64_t word = reinterpret_cast<std::uint64_t>(static_cast<arch::ThreadAnchor*>(next));
    if (!waiters_.empty()) {
        word |= kContended;
    }
    word_.store(word, std::memory_order_release);
}

void Mutex::hand_over(IrqsDisabled irqs) {
    ASSERT(is_held_by_current(),
           "a mutex was unlocked by a thread that does not hold it (mutex {})", this);
    waiters_.lock(irqs);
    Thread* const next = waiters_.take_first(irqs);  // null where those who waited have given up
    give_to(next);
    waiters_.unlock(irqs);
    if (next != nullptr) {
        make_runnable(*next, irqs);
    }
}

void hand_over_from_ended(Mutex& mutex, const Thread& ended, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    const auto owner =
        reinterpret_cast<std::uint64_t>(static_cast<const arch::ThreadAnchor*>(&ended));
    mutex.waiters_.lock(atomic);
    Thread* next = nullptr;
    if ((mutex.word_.load(std::memory_order_relaxed) & ~Mutex::kContended) == owner) {
        next = mutex.waiters_.take_first(atomic);
    }
    if (next != nullptr) {
        mutex.give_to(next);
        mutex.owner_died_ = true;
    }
    mutex.waiters_.unlock(atomic);
    if (next != nullptr) {
        make_runnable(*next, atomic);
    }
}

}  // namespace fathom
