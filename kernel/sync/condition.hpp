// A condition variable: wait for something that a mutex protects to change.
//
//     MutexHeld held{mutex, here};
//     while (!ready) {
//         condition.wait(mutex, here);
//     }
//
// Owns:    Condition.
// Context: see each.
// Story:   goes on in sched/wait_queue.hpp.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <sync/mutex.hpp>

namespace fathom {

class Condition {
public:
    constexpr Condition() = default;
    Condition(const Condition&) = delete;
    Condition& operator=(const Condition&) = delete;

    /// Lets go of `mutex`, which the caller holds, and waits for a notify; holds it again on
    /// return. No notify that comes after the mutex was let go is missed. One prefault covers
    /// queueing, the release of the mutex and the switch.
    /// Context: preemptible, may fault.
    void wait(Mutex& mutex, Preemptible here) FATHOM_REQUIRES(mutex);

    /// As wait(), at most until now_ns() has reached `deadline_ns`.
    /// Context: preemptible, may fault.
    WakeReason wait_until(Mutex& mutex, std::uint64_t deadline_ns, Preemptible here)
        FATHOM_REQUIRES(mutex);

    /// Wakes the longest waiting thread, if there is one.
    /// Context: preemptible, may fault.
    void notify_one(Preemptible here);
    /// Context: atomic; no lock of rank wait_queue or higher held.
    void notify_one(Atomic outer);

    /// Wakes all that wait now.
    /// Context: preemptible, may fault.
    void notify_all(Preemptible here);
    /// Context: atomic; no lock of rank wait_queue or higher held.
    void notify_all(Atomic outer);

private:
    WaitQueue waiters_;
};

}  // namespace fathom
