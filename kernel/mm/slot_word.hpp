// The life of a stack slot in one word: its state, and how often it has begun a new life.
//
//      bits 63..3    bits 2..0
//      generation    state, one bit for each but `free`: "is it live?" is one test
//
//      free -> live -> dying -> cached -> live ...
//                            -> free
//
// A fault reads the word once before it populates and again after: had the stack's thread ended in
// between, or another one been born there, the two differ, and the page is taken out again.
//
// Owns:    SlotState, SlotWord.
// Context: any. Host tests drive it.

#pragma once

#include <atomic>
#include <cstdint>

namespace fathom::mm {

enum class SlotState : std::uint8_t {
    free = 0,    ///< no page of it is populated
    live = 1,    ///< a thread's: only now may it be populated
    dying = 2,   ///< its pages are being taken away
    cached = 4,  ///< as its thread left it, less all but its first pages
};

inline constexpr unsigned kStateBits = 3;
inline constexpr std::uint64_t kStateMask = (1 << kStateBits) - 1;

/// A copy of the word.
class SlotValue {
public:
    explicit constexpr SlotValue(std::uint64_t bits) : bits_(bits) {}
    constexpr SlotState state() const { return static_cast<SlotState>(bits_ & kStateMask); }
    constexpr bool is_live() const { return (bits_ & 1) != 0; }
    constexpr std::uint64_t generation() const { return bits_ >> kStateBits; }
    constexpr std::uint64_t bits() const { return bits_; }
    constexpr bool operator==(const SlotValue&) const = default;

private:
    std::uint64_t bits_;
};

/// The word itself. One owner at a time changes it (the arena's lock, or the destroyer); faults on
/// any CPU read it. Sequentially consistent, both ways: "I install, then look whether you have
/// changed the state" against "I change the state, then look for what you have installed".
class SlotWord {
public:
    SlotValue read() const { return SlotValue(bits_.load(std::memory_order_seq_cst)); }

    /// free or cached -> live, in a new generation.
    void begin_life() {
        const std::uint64_t generation =
            SlotValue(bits_.load(std::memory_order_relaxed)).generation();
        bits_.store((generation + 1) << kStateBits | static_cast<std::uint64_t>(SlotState::live),
                    std::memory_order_seq_cst);
    }
    /// live -> dying, dying -> cached or free, cached -> free: within a generation.
    void change_to(SlotState next) {
        const std::uint64_t bits = bits_.load(std::memory_order_relaxed);
        bits_.store((bits & ~kStateMask) | static_cast<std::uint64_t>(next),
                    std::memory_order_seq_cst);
    }

private:
    std::atomic<std::uint64_t> bits_ = 0;
};

}  // namespace fathom::mm
