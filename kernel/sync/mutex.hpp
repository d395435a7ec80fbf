// A mutex that sleeps: one holder, waiters in order of arrival.
//
//     MutexHeld held{mutex, here};
//
// Uncontended it is one compare-and-swap each way and turns nothing off: the holder may be
// preempted, may fault and may sleep. Contended, unlock() hands the mutex to the longest waiting
// thread, so nobody starves.
//
// Owns:    Mutex, MutexHeld.
// Context: preemptible; see each.
// Story:   goes on in sched/wait_queue.hpp.

#pragma once

#include <atomic>
#include <cstdint>

#include <context/kernel_work.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/thread_safety.hpp>
#include <sched/wait_queue.hpp>

namespace fathom {

class FATHOM_CAPABILITY("mutex") Mutex {
public:
    constexpr Mutex() = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    /// Waits until the caller holds it. Not recursive: panics where the caller holds it already.
    /// Context: preemptible, may fault.
    [[gnu::always_inline]] void lock(Preemptible here) FATHOM_ACQUIRES() {
        if (!take_free()) [[unlikely]] {
            lock_contended(here);
        }
    }
    /// Context: preemptible, may fault.
    [[gnu::always_inline]] bool try_lock(Preemptible here) FATHOM_TRY_ACQUIRES(true) {
        return take_free() || take_if_ended(here);
    }
    /// As lock(), but gives up when now_ns() has reached `deadline_ns`.
    /// Errors: timed_out.
    /// Context: preemptible, may fault.
    Result<void> lock_until(std::uint64_t deadline_ns, Preemptible here);

    /// Lets go; the longest waiting thread holds it then. The caller must be the holder. Another
    /// thread may hold it before this returns, but must not destroy it until then.
    /// Context: preemptible, may fault.
    [[gnu::always_inline]] void unlock(Preemptible here) FATHOM_RELEASES() {
        if (!give_up_uncontended()) [[unlikely]] {
            unlock_contended(here);
        }
    }
    /// For Condition: lets go while about to switch away.
    /// Context: atomic, interrupts off; no lock of rank wait_queue or higher held.
    void unlock(IrqsDisabled irqs) FATHOM_RELEASES() {
        if (!give_up_uncontended()) [[unlikely]] {
            hand_over(irqs);
        }
    }

    /// owner_died where a thread was ended while it held the mutex and nobody has called recover()
    /// since: what the mutex protects may be half done. The holder's question.
    /// Context: any.
    Result<void> state() const {
        return owner_died_ ? Result<void>(Error::owner_died) : Result<void>();
    }
    /// What the mutex protects is right again; told by its holder.
    /// Context: any.
    void recover() { owner_died_ = false; }

    /// Whether the running thread holds it.
    /// Context: any.
    bool is_held_by_current() const {
        return (word_.load(std::memory_order_relaxed) & ~kContended) == self();
    }

private:
    friend void hand_over_from_ended(Mutex& mutex, const Thread& ended, Preemptible here);

    /// Bit 0 of the word: somebody waits, so that unlocking takes the long way.
    static constexpr std::uint64_t kContended = 1;

    [[gnu::always_inline]] static std::uint64_t self() {
        return reinterpret_cast<std::uint64_t>(arch::current_thread_anchor());
    }
    [[gnu::always_inline]] bool take_free() {
        std::uint64_t expected = 0;
        return word_.compare_exchange_strong(expected, self(), std::memory_order_acquire,
                                             std::memory_order_relaxed);
    }
    [[gnu::always_inline]] bool give_up_uncontended() {
        std::uint64_t expected = self();
        return word_.compare_exchange_strong(expected, 0, std::memory_order_release,
                                             std::memory_order_relaxed);
    }
    void lock_contended(Preemptible here);
    void unlock_contended(Preemptible here);
    bool take_if_ended(Preemptible here);
    bool take_or_mark_contended();
    bool take_over_from_ended();
    bool take_or_want();
    void give_to(Thread* next);
    void hand_over(IrqsDisabled irqs);

    std::atomic<std::uint64_t> word_ = 0;  ///< the holder's anchor, and kContended; 0 is free
    WaitQueue waiters_;
    bool owner_died_ = false;  ///< the holder's
};

/// A mutex of the kernel's own: whoever holds it is never ended for want of memory, and its stack
/// grows from the emergency reserve then.
class FATHOM_CAPABILITY("mutex") KernelMutex {
public:
    /// Context: preemptible, may fault; inside kernel.
    void lock(Preemptible here) FATHOM_ACQUIRES() FATHOM_VOUCHED_FOR {  // by holding mutex_
        KernelWork::begin();
        mutex_.lock(here);
    }
    /// Context: preemptible, may fault; inside kernel.
    void unlock(Preemptible here) FATHOM_RELEASES() FATHOM_VOUCHED_FOR {
        mutex_.unlock(here);
        KernelWork::end();
    }

private:
    Mutex mutex_;
};

/// Holds a mutex for a scope.
class [[nodiscard]] FATHOM_SCOPED_CAPABILITY MutexHeld {
public:
    /// Context: preemptible, may fault.
    [[nodiscard]] MutexHeld(Mutex& mutex, Preemptible here) FATHOM_ACQUIRES(mutex)
        : mutex_(mutex), here_(here) {
        mutex_.lock(here_);
    }
    ~MutexHeld() FATHOM_RELEASES() { mutex_.unlock(here_); }
    MutexHeld(const MutexHeld&) = delete;
    MutexHeld& operator=(const MutexHeld&) = delete;

private:
    Mutex& mutex_;
    [[no_unique_address]] Preemptible here_;
};

}  // namespace fathom
