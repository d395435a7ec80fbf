// Something that happens once; whoever waits for it afterwards does not wait.
//
// Owns:    Event.
// Context: see each.
// Story:   goes on in sched/wait_queue.hpp.

#pragma once

#include <context/witness.hpp>
#include <sched/wait_queue.hpp>

namespace fathom {

class Event {
public:
    constexpr Event() = default;
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    /// Waits until it has happened.
    /// Context: preemptible, may fault.
    void wait(Preemptible here);

    /// It happens: wakes all that wait.
    /// Context: preemptible, may fault.
    void set(Preemptible here);
    /// Context: atomic; no lock of rank wait_queue or higher held.
    void set(Atomic outer);

    /// Context: any.
    bool is_set() const { return __atomic_load_n(&happened_, __ATOMIC_ACQUIRE); }

private:
    void set_and_wake(IrqsDisabled irqs);

    WaitQueue waiters_;
    bool happened_ = false;  ///< written under waiters_'s lock
};

}  // namespace fathom
