// The requests of TLB shootdown, numbered, in a ring of the latest ones.
//
// Two requests share a slot when their numbers differ by a multiple of the ring's size, and whoever
// posts the older one may be interrupted in the middle and go on when the younger stands there. So
// a slot is written only by who has moved its number from an OLDER one to "being written" by
// compare-and-swap; whoever finds it younger, or being written, writes nothing. A request that is
// not in the ring is no loss: who serves it forgets everything instead.
//
// Owns:    the numbers and the slots. What a request means is shootdown.cpp's.
// Context: any; no lock, and nobody waits. Host threads drive it: tests/host/mm.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <lib/units.hpp>

namespace fathom::mm {

/// What a request wants forgotten.
struct ForgottenPages {
    VirtAddr first;
    PageCount pages{0};
};

/// `Word` is the atomic that it is made of: a host test puts in one that can be interrupted.
template <std::size_t Slots, typename Word = std::atomic<std::uint64_t>>
class ShootdownRing {
public:
    static constexpr std::size_t kSlots = Slots;

    /// Takes the next number (the first is 1) and notes the pages, if the slot can be had.
    /// Context: any.
    std::uint64_t post(ForgottenPages wanted) {
        const std::uint64_t number = last_.fetch_add(1) + 1;
        Slot& slot = slots_[number % Slots];
        std::uint64_t old = slot.number.load(std::memory_order_relaxed);
        do {
            if (old > number) {  // younger, or kBeingWritten
                return number;
            }
            // Acquire: what the older one's writer stored lies before what we store.
        } while (!slot.number.compare_exchange_weak(
            old, kBeingWritten, std::memory_order_acquire, std::memory_order_relaxed));
        // Who reads one of these stores finds the number gone when it looks again.
        std::atomic_thread_fence(std::memory_order_release);
        slot.first.store(wanted.first.value, std::memory_order_relaxed);
        slot.pages.store(wanted.pages.value, std::memory_order_relaxed);
        slot.number.store(number, std::memory_order_release);
        return number;
    }

    /// The number of the latest request, 0 where there was none. Its pages may not be noted yet.
    /// Context: any.
    std::uint64_t last() const { return last_.load(std::memory_order_acquire); }

    /// The pages of request `number`; false where the ring does not tell, or not any more.
    /// Context: any.
    bool read(std::uint64_t number, ForgottenPages& out) const {
        const Slot& slot = slots_[number % Slots];
        if (slot.number.load(std::memory_order_acquire) != number) {
            return false;
        }
        out.first = {slot.first.load(std::memory_order_relaxed)};
        out.pages = PageCount(slot.pages.load(std::memory_order_relaxed));
        std::atomic_thread_fence(std::memory_order_acquire);
        // A number is written once, and a slot's numbers only grow: the same one means no writer.
        return slot.number.load(std::memory_order_relaxed) == number;
    }

private:
    /// Larger than every number, so that one comparison finds both that and a younger request.
    static constexpr std::uint64_t kBeingWritten = ~std::uint64_t{0};

    struct Slot {
        Word number{0};
        Word first{0};
        Word pages{0};
    };
    Word last_{0};
    std::array<Slot, Slots> slots_{};
};

}  // namespace fathom::mm
