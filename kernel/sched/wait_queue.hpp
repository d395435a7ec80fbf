// Threads that wait for something, in order of arrival: what every blocking primitive is made of.
//
//     // the waiter                                   // the waker
//     IrqsOff atomic{here, window<1024>};             queue.lock(atomic);
//     queue.lock(atomic);                             ... what was waited for comes ...
//     if (there is something) { unlock; return; }     Thread* first = queue.take_first(atomic);
//     queue.block(atomic);  // unlocks, switches      queue.unlock(atomic);
//                                                     if (first) make_runnable(*first, atomic);
//
// One prefault covers the whole of it, the switch included.
//
// Owns:    WaitQueue.
// Context: atomic, interrupts off.
// Story:   goes on in sched/scheduler.hpp.

#pragma once

#include <cstdint>

#include <context/spinlock.hpp>
#include <sched/node_list.hpp>
#include <sched/scheduler.hpp>
#include <sched/thread.hpp>

namespace fathom {

class WaitQueue {
public:
    constexpr WaitQueue() = default;
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;

    /// The lock that keeps waiters and wakers apart; also protects what they wait for.
    /// Context: atomic, interrupts off.
    [[gnu::always_inline]] std::uint32_t lock(IrqsDisabled irqs) FATHOM_ACQUIRES(lock_) {
        return lock_.lock(irqs);
    }
    [[gnu::always_inline]] void unlock(IrqsDisabled irqs) FATHOM_RELEASES(lock_) {
        lock_.unlock(irqs);
    }
    /// With the ticket that lock() gave: a load less.
    [[gnu::always_inline]] void unlock(std::uint32_t ticket, IrqsDisabled irqs)
        FATHOM_RELEASES(lock_) {
        lock_.unlock(ticket, irqs);
    }
    /// For SpinlockHeld.
    IrqSpinlock& spinlock() FATHOM_RETURNS_LOCK(lock_) { return lock_; }

    /// Queues the running thread as waiting, and no more: it runs on until it calls switch_away(),
    /// and may be woken before.
    /// Context: atomic, interrupts off, locked.
    [[gnu::always_inline]] void enqueue_current(IrqsDisabled) FATHOM_REQUIRES(lock_) {
        Thread& self = current_thread();
        self.state = ThreadState::blocked;
        self.waiting_on = this;
        waiters_.push_back(self);
    }

    /// Queues the running thread, unlocks, and lets others run until somebody has woken it.
    /// Context: atomic, interrupts off, locked; unlocked on return.
    [[gnu::always_inline]] void block(IrqsDisabled irqs) FATHOM_RELEASES(lock_) {
        enqueue_current(irqs);
        unlock(irqs);
        switch_away(irqs);
    }
    /// Context: atomic, interrupts off, locked with `ticket`; unlocked on return.
    [[gnu::always_inline]] void block(std::uint32_t ticket, IrqsDisabled irqs)
        FATHOM_RELEASES(lock_) {
        enqueue_current(irqs);
        unlock(ticket, irqs);
        switch_away(irqs);
    }

    /// As block(), but at most until the counter has reached `deadline_cycles`.
    /// Context: atomic, interrupts off, locked; unlocked on return.
    WakeReason block_until(std::uint64_t deadline_cycles, IrqsDisabled irqs) FATHOM_RELEASES(lock_);
    /// For who has queued and unlocked already (Condition): switches, at most until the deadline.
    /// Context: atomic, interrupts off, not locked.
    WakeReason switch_until(std::uint64_t deadline_cycles, IrqsDisabled irqs);

    /// The longest waiting thread, taken out for the caller to wake after unlocking; or null.
    /// Context: atomic, interrupts off, locked.
    [[gnu::always_inline]] Thread* take_first(IrqsDisabled) FATHOM_REQUIRES(lock_) {
        if (waiters_.empty()) {
            return nullptr;
        }
        Thread& first = waiters_.take_first();
        first.waiting_on = nullptr;
        return &first;
    }

    /// Takes out all, and wakes them; unlocks.
    /// Context: atomic, interrupts off, locked; unlocked on return.
    void wake_all_and_unlock(IrqsDisabled irqs) FATHOM_RELEASES(lock_);

    /// Calls `visit(Thread&)` for all that wait, the longest waiting first.
    /// Context: atomic, interrupts off, locked.
    template <typename Visitor>
    void for_each(IrqsDisabled, Visitor&& visit) {
        for (Thread* thread = waiters_.first(); thread != nullptr;
             thread = NodeList<Thread>::after(*thread)) {
            visit(*thread);
        }
    }

    /// Takes `thread` out if it waits here: a timeout's question.
    /// Context: atomic, interrupts off, locked.
    bool take(Thread& thread, IrqsDisabled) FATHOM_REQUIRES(lock_);

    /// Whether nobody waits. Exact only while locked.
    /// Context: any.
    bool empty() const { return waiters_.empty(); }

private:
    IrqSpinlock lock_{LockRank::wait_queue};
    NodeList<Thread> waiters_;  ///< lock_
};

}  // namespace fathom
