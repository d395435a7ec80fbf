// "There is work": one thread waits for it, anybody says it, and saying it twice is saying it once.
//
// Owns:    Signal.
// Context: see each.
// Story:   how the kernel's service threads (reaper, refill, RCU) are called.

#pragma once

#include <context/atomic_scope.hpp>
#include <sched/scheduler.hpp>
#include <sched/wait_queue.hpp>

namespace fathom {

class Signal {
public:
    constexpr Signal() = default;

    /// Returns once it has been raised since the last wait; at once if it has been already.
    /// Context: preemptible, may fault.
    void wait(Preemptible here) {
        IrqsOff atomic{here, window<1024>};
        for (;;) {
            queue_.lock(atomic);
            if (raised_) {
                raised_ = false;
                queue_.unlock(atomic);
                return;
            }
            queue_.block(atomic);
        }
    }

    /// Context: atomic, interrupts off; no lock of rank wait_queue or higher held.
    void raise(IrqsDisabled irqs) {
        queue_.lock(irqs);
        raised_ = true;
        Thread* const waiter = queue_.take_first(irqs);
        queue_.unlock(irqs);
        if (waiter != nullptr) {
            make_runnable(*waiter, irqs);
        }
    }

private:
    WaitQueue queue_;
    bool raised_ = false;  ///< queue_'s lock
};

}  // namespace fathom
