// A counting semaphore. post() hands its unit to the longest waiting thread, so nobody overtakes
// it.
//
// Owns:    Semaphore.
// Context: see each.
// Story:   goes on in sched/wait_queue.hpp.

#pragma once

#include <atomic>
#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <sched/wait_queue.hpp>

namespace fathom {

class Semaphore {
public:
    constexpr explicit Semaphore(std::uint64_t units) : units_(units) {}
    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;

    /// Takes a unit; waits for one where there is none. Who has waited for the last post() may
    /// destroy the semaphore: that post() touches it no more.
    /// Context: preemptible, may fault.
    void wait(Preemptible here);
    /// Takes a unit if there is one, without the lock: the post() that gave it may still be about
    /// to unlock.
    /// Context: any, also preemptible.
    [[gnu::always_inline]] bool try_wait() {
        std::uint64_t units = units_.load(std::memory_order_relaxed);
        while (units != 0) {
            if (units_.compare_exchange_weak(units, units - 1, std::memory_order_acquire,
                                             std::memory_order_relaxed)) {
                return true;
            }
        }
        return false;
    }
    /// As wait(), but gives up when now_ns() has reached `deadline_ns`.
    /// Errors: timed_out.
    /// Context: preemptible, may fault.
    Result<void> wait_until(std::uint64_t deadline_ns, Preemptible here);

    /// Adds a unit, or hands it to who waits.
    /// Context: preemptible, may fault.
    void post(Preemptible here);
    /// Context: atomic (interrupt handlers, too); no lock of rank wait_queue or higher held.
    void post(Atomic outer);

    /// The units that nobody has taken; a snapshot.
    /// Context: any.
    std::uint64_t units() const { return units_.load(std::memory_order_relaxed); }

private:
    void post_locked(IrqsDisabled irqs);

    /// Taken without the lock; given with the lock only, so that no waiter is overlooked.
    std::atomic<std::uint64_t> units_;
    WaitQueue waiters_;
};

}  // namespace fathom
