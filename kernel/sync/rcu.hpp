// Read-copy-update: readers that take no lock, and writers that wait for them before they free.
//
//     RcuPointer<Table> table;
//     { RcuRead atomic{here, window<256>}; use(table.read(atomic)->...); }
//     Table* old = table.publish(fresh);  rcu_synchronize(here);  free(old);
//
// Owns:    RcuPointer, rcu_synchronize(), rcu_defer(), rcu_barrier().
// Context: see each.
// Story:   the read side is a guard (context/atomic_scope.hpp); waiting goes on in
//          sched/quiescence.hpp.

#pragma once

#include <atomic>

#include <context/witness.hpp>
#include <sched/quiescence.hpp>

namespace fathom {

/// A pointer that readers follow without a lock.
template <typename T>
class RcuPointer {
public:
    constexpr RcuPointer() = default;
    constexpr explicit RcuPointer(T* target) : target_(target) {}

    /// What it points at; stays there while `reader` (an RcuRead, or any section that turns
    /// preemption or interrupts off) lives.
    /// Context: atomic.
    T* read(Atomic) const { return target_.load(std::memory_order_acquire); }

    /// Points it at `fresh`, whose contents readers will see whole; returns what it pointed at.
    /// Context: any; writers keep each other out.
    T* publish(T* fresh) { return target_.exchange(fresh, std::memory_order_acq_rel); }

private:
    std::atomic<T*> target_ = nullptr;
};

/// Returns when every read section that was open at the call has been left.
/// Context: preemptible, may fault; not in a read section.
inline void rcu_synchronize(Preemptible here) { wait_for_quiescence(here); }

/// Has callback.run called, on a kernel thread, when every read section that is open now has been
/// left. Neither waits nor allocates: the callback stands inside what it will free, and not on a
/// stack, which may go before it is called (docs/memory-pressure.md).
/// Context: preemptible, may fault.
inline void rcu_defer(RcuCallback& callback, Preemptible here) {
    defer_until_quiescent(callback, here);
}
/// Context: atomic; no lock of rank wait_queue or higher held.
inline void rcu_defer(RcuCallback& callback, Atomic outer) {
    defer_until_quiescent(callback, outer);
}

/// Returns when all callbacks that were deferred before the call have run.
/// Context: preemptible, may fault; not from a callback.
inline void rcu_barrier(Preemptible here) { wait_for_deferred(here); }

}  // namespace fathom
