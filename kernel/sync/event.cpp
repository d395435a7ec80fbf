// Owns:    see sync/event.hpp.
// Context: see there.

#include <sync/event.hpp>

#include <context/atomic_scope.hpp>

namespace fathom {

void Event::wait(Preemptible here) {
    // With the lock even where it has happened: set() may still hold it, and the waiter may destroy
    // us.
    IrqsOff atomic{here, window<1024>};
    waiters_.lock(atomic);
    if (happened_) {
        waiters_.unlock(atomic);
        return;
    }
    waiters_.block(atomic);
}

void Event::set_and_wake(IrqsDisabled irqs) {
    waiters_.lock(irqs);
    __atomic_store_n(&happened_, true, __ATOMIC_RELEASE);
    waiters_.wake_all_and_unlock(irqs);
}

void Event::set(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    set_and_wake(atomic);
}

void Event::set(Atomic outer) {
    IrqsOff atomic{nested_in(outer)};
    set_and_wake(atomic);
}

}  // namespace fathom
