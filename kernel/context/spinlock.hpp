// Spinlocks: tickets in order of arrival. Locking does not make you atomic: you are already.
//
//     IrqsOff atomic{here, window<256>};
//     SpinlockHeld held{lock_, atomic};
//
// A Spinlock may be taken by any atomic code; an IrqSpinlock, which interrupt handlers take too,
// only with interrupts off: were the holder interrupted, the handler would wait for it for ever.
//
// Owns:    Spinlock, IrqSpinlock, SpinlockHeld.
// Context: atomic.

#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>

#include <arch/irq.hpp>
#include <context/lock_order.hpp>
#include <context/witness.hpp>
#include <lib/proof_fact.h>

namespace fathom {

/// A ticket lock: 16 bits "next", 16 bits "serving". Witness says who may take it.
template <typename Witness>
class TicketLock {
public:
    constexpr TicketLock() = default;
    /// `rank` orders the lock among the others (context/lock_order.hpp), checked when hardened.
    constexpr explicit TicketLock(LockRank rank) : rank_(rank) {}
    TicketLock(const TicketLock&) = delete;
    TicketLock& operator=(const TicketLock&) = delete;

    [[gnu::always_inline]] void lock(Witness witness) {
        lock_order_acquire(rank_, witness);
        state_fact<ProofFact::lock, std::same_as<Witness, IrqsDisabled>>();
        const std::uint16_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
        if (serving_.load(std::memory_order_acquire) != ticket) [[unlikely]] {
            do {
                arch::spin_hint();
            } while (serving_.load(std::memory_order_acquire) != ticket);
        }
    }
    [[gnu::always_inline]] void unlock(Witness witness) {
        // Only the holder writes `serving_`, so a plain load is enough.
        serving_.store(static_cast<std::uint16_t>(serving_.load(std::memory_order_relaxed) + 1),
                       std::memory_order_release);
        state_fact<ProofFact::unlock>();
        lock_order_release(rank_, witness);
    }
    /// For asserts and reports: whether somebody holds it, whoever that is.
    bool is_locked() const {
        return next_.load(std::memory_order_relaxed) != serving_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::uint16_t> next_ = 0;
    std::atomic<std::uint16_t> serving_ = 0;
    LockRank rank_ = LockRank::leaf;
};

using Spinlock = TicketLock<Atomic>;
using IrqSpinlock = TicketLock<IrqsDisabled>;

/// Holds a spinlock for a scope.
template <typename Lock, typename Witness>
class [[nodiscard]] SpinlockHeld {
public:
    [[nodiscard, gnu::always_inline]] SpinlockHeld(Lock& lock, const auto& guard)
        : lock_(lock), witness_(guard) {
        lock_.lock(witness_);
    }
    [[gnu::always_inline]] ~SpinlockHeld() { lock_.unlock(witness_); }
    SpinlockHeld(const SpinlockHeld&) = delete;
    SpinlockHeld& operator=(const SpinlockHeld&) = delete;

private:
    Lock& lock_;
    [[no_unique_address]] Witness witness_;
};
template <typename Witness, typename Guard>
SpinlockHeld(TicketLock<Witness>&, const Guard&) -> SpinlockHeld<TicketLock<Witness>, Witness>;

}  // namespace fathom
