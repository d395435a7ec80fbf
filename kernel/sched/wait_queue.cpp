// Blocking, with and without a deadline.
//
// Owns:    see sched/wait_queue.hpp.
// Context: atomic, interrupts off.

#include <sched/wait_queue.hpp>

#include <sched/cpu_scheduler.hpp>
#include <sched/scheduler.hpp>
#include <sched/timer_queue.hpp>

namespace fathom {

namespace {

/// Ends a wait that has lasted long enough. Lives on the waiter's stack.
struct Timeout : Timer {
    Timeout(Thread& thread, WaitQueue& queue)
        : Timer(callable<CallClass::timer, &Timeout::expire>()), waiter(thread), waits_on(queue) {}

    static void expire(Timer& timer, IrqsDisabled irqs) {
        auto& self = static_cast<Timeout&>(timer);
        self.waits_on.lock(irqs);
        const bool was_waiting = self.waits_on.take(self.waiter, irqs);
        self.waits_on.unlock(irqs);
        if (was_waiting) {
            self.waiter.wake_reason = WakeReason::timed_out;
            make_runnable(self.waiter, irqs);
        }
    }

    Thread& waiter;
    WaitQueue& waits_on;
};

}  // namespace

WakeReason WaitQueue::block_until(std::uint64_t deadline_cycles, IrqsDisabled irqs) {
    enqueue_current(irqs);
    unlock(irqs);
    return switch_until(deadline_cycles, irqs);
}

WakeReason WaitQueue::switch_until(std::uint64_t deadline_cycles, IrqsDisabled irqs) {
    Thread& self = current_thread();
    if (deadline_cycles == kNever) {
        switch_away(irqs);
        return WakeReason::woken;
    }
    self.wake_reason = WakeReason::woken;
    Timeout timeout{self, *this};
    timeout.set(deadline_cycles, irqs);
    switch_away(irqs);
    timeout.cancel(irqs);
    return self.wake_reason;
}

void WaitQueue::wake_all_and_unlock(IrqsDisabled irqs) {
    NodeList<Thread> woken;
    while (Thread* thread = take_first(irqs)) {
        woken.push_back(*thread);
    }
    unlock(irqs);
    while (Thread* thread = woken.pop_front()) {
        make_runnable(*thread, irqs);
    }
}

bool WaitQueue::take(Thread& thread, IrqsDisabled) {
    if (thread.waiting_on != this) {
        return false;
    }
    waiters_.remove(thread);
    thread.waiting_on = nullptr;
    return true;
}

}  // namespace fathom
