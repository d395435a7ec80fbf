// Which slots of a range are taken: a bit for each.
//
// Bits are claimed by compare-and-swap, so boot, threads and reports need no lock. The lowest free
// slot is taken, as far as claims and releases that race allow: slots that lie close share page
// tables. A hint saves looking at the full words before it.
//
// Owns:    SlotMap. Where its words lie is the user's.
// Context: any. Host threads drive it: tests/host/mm.

#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fathom::mm {

/// A map over words that somebody else owns; 64 slots in each, all free while the word is 0.
class SlotMap {
public:
    /// As many slots as the words have bits; also what claim() says when none is free.
    /// Context: any, like everything here.
    constexpr SlotMap(std::span<std::atomic<std::uint64_t>> words, std::atomic<std::uint32_t>& hint)
        : words_(words), hint_(hint) {}

    std::uint32_t slots() const { return static_cast<std::uint32_t>(words_.size()) * 64; }

    /// A slot that was free, or slots().
    std::uint32_t claim() {
        const std::uint32_t hint = hint_.load(std::memory_order_relaxed);
        const auto count = static_cast<std::uint32_t>(words_.size());
        for (std::uint32_t step = 0; step < count; ++step) {
            const std::uint32_t index = hint + step < count ? hint + step : hint + step - count;
            const unsigned bit = claim_in(words_[index]);
            if (bit < 64) {
                if (step != 0) {
                    hint_.store(index, std::memory_order_relaxed);
                }
                return index * 64 + bit;
            }
        }
        return slots();
    }

    void release(std::uint32_t slot) {
        words_[slot / 64].fetch_and(~(std::uint64_t{1} << slot % 64));
        if (slot / 64 < hint_.load(std::memory_order_relaxed)) {
            hint_.store(slot / 64, std::memory_order_relaxed);
        }
    }

    bool is_taken(std::uint32_t slot) const {
        return (words_[slot / 64].load(std::memory_order_relaxed) >> slot % 64 & 1) != 0;
    }

private:
    /// The bit that was claimed, or 64.
    static unsigned claim_in(std::atomic<std::uint64_t>& word) {
        std::uint64_t bits = word.load(std::memory_order_relaxed);
        while (~bits != 0) {
            const auto bit = static_cast<unsigned>(std::countr_one(bits));
            if (word.compare_exchange_weak(bits, bits | std::uint64_t{1} << bit)) {
                return bit;
            }
        }
        return 64;
    }

    std::span<std::atomic<std::uint64_t>> words_;
    std::atomic<std::uint32_t>& hint_;
};

}  // namespace fathom::mm
