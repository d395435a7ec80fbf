// Spinlocks: tickets in order of arrival. Locking does not make you atomic: you are already.
//
//     PreemptOff atomic{here, window<256>};  // IrqsOff for an IrqSpinlock
//     SpinlockHeld held{lock_, atomic};
//
// Handlers take an IrqSpinlock, too: with interrupts on, one could wait for what it interrupted. A
// Spinlock's holder may stand still in an interrupt: with them off nobody may wait for that.
//
// Owns:    Spinlock, IrqSpinlock, SpinlockHeld.
// Context: atomic.

#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>

#include <lib/proof_fact.h>
#include <arch/irq.hpp>
#include <context/lock_order.hpp>
#include <context/witness.hpp>
#include <lib/thread_safety.hpp>

namespace fathom {

/// How often CPUs have looked in vain whether a lock was theirs. Under -icount CPUs take turns, and
/// who waits for a lock spins through its own: what contention seems to cost there is mostly this.
inline constinit std::atomic<std::uint64_t> spin_turns = 0;

/// A ticket lock: whose ticket is served, and the next ticket. Witness says who may take it.
template <typename Witness>
class FATHOM_CAPABILITY("spinlock") TicketLock {
public:
    constexpr TicketLock() = default;
    /// `rank` orders the lock among the others (context/lock_order.hpp), checked when hardened.
    constexpr explicit TicketLock(LockRank rank) : rank_(rank) {}
    TicketLock(const TicketLock&) = delete;
    TicketLock& operator=(const TicketLock&) = delete;

    /// Returns the ticket, for who can keep it until unlock(): it saves a load there.
    [[gnu::always_inline]] std::uint32_t lock(Witness witness) FATHOM_NEEDS_ATOMIC
        FATHOM_ACQUIRES() FATHOM_VOUCHED_FOR {
        lock_order_acquire(rank_, witness);
        state_fact<ProofFact::lock, std::same_as<Witness, IrqsDisabled>>();
        const std::uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
        if (serving() != ticket) [[unlikely]] {
            std::uint64_t turns = 0;
            do {
                arch::spin_hint();
                ++turns;
            } while (serving() != ticket);
            spin_turns.fetch_add(turns, std::memory_order_relaxed);
        }
        return ticket;
    }
    [[gnu::always_inline]] void unlock(std::uint32_t ticket, Witness witness) FATHOM_NEEDS_ATOMIC
        FATHOM_RELEASES() FATHOM_VOUCHED_FOR {
        arch::increment_release(serving_, ticket);  // only the holder writes it
        state_fact<ProofFact::unlock>();
        lock_order_release(rank_, witness);
    }
    [[gnu::always_inline]] void unlock(Witness witness) FATHOM_NEEDS_ATOMIC FATHOM_RELEASES() {
        unlock(serving_, witness);
    }
    /// Tells the lint that a function which cannot say so (it returns the lock's owner) took it.
    void taken_by_callee() const FATHOM_ACQUIRES() FATHOM_VOUCHED_FOR {}

private:
    [[gnu::always_inline]] std::uint32_t serving() const {
        return __atomic_load_n(&serving_, __ATOMIC_ACQUIRE);
    }

    std::uint32_t serving_ = 0;
    std::atomic<std::uint32_t> next_ = 0;
    LockRank rank_ = LockRank::leaf;
};

using Spinlock = TicketLock<Atomic>;
using IrqSpinlock = TicketLock<IrqsDisabled>;

/// Holds a spinlock for a scope.
template <typename Lock, typename Witness>
class [[nodiscard]] FATHOM_SCOPED_CAPABILITY SpinlockHeld {
public:
    [[nodiscard, gnu::always_inline]] SpinlockHeld(Lock& lock, const auto& guard)
        FATHOM_ACQUIRES(lock) FATHOM_VOUCHED_FOR
        : lock_(lock), witness_(guard), ticket_(lock_.lock(witness_)) {}
    [[gnu::always_inline]] ~SpinlockHeld() FATHOM_RELEASES() FATHOM_VOUCHED_FOR {
        lock_.unlock(ticket_, witness_);
    }
    SpinlockHeld(const SpinlockHeld&) = delete;
    SpinlockHeld& operator=(const SpinlockHeld&) = delete;

private:
    Lock& lock_;
    [[no_unique_address]] Witness witness_;
    std::uint32_t ticket_;
};
template <typename Witness, typename Guard>
SpinlockHeld(TicketLock<Witness>&, const Guard&) -> SpinlockHeld<TicketLock<Witness>, Witness>;

}  // namespace fathom
