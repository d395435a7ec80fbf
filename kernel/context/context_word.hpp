// The context word: how deep preemption and interrupts are off, and whether somebody waits.
//
//      bit  kCalmBit   30..16             15..0
//           calm       interrupt depth    preemption depth
//
//   preemption depth  how many PreemptOff (and RcuRead) scopes are open
//   interrupt depth   how many IrqsOff scopes are open, plus one for each trap being handled and
//                     one for a thread that has not begun
//   calm              INVERTED "reschedule pending": set while nobody waits, so that the whole word
//                     is zero exactly when we are preemptible and should give up the CPU. One test
//                     on the way out of a section answers both questions.
//
// x86_64: one 32-bit word per CPU (calm is bit 31), changed only by single read-modify-write
// instructions of that CPU. aarch64 has no such instruction: the word lives in the thread, depths
// in the low half and calm in the high half (bit 32), each stored by itself, so that an interrupt
// or a migration between load and store loses neither. See native/stack_probe.hpp for both proofs.
//
// Owns:    ContextWord, a copy of the word and its questions.
// Context: any.

#pragma once

#include <cstdint>

#include <arch/stack_probe.hpp>

namespace fathom {

/// A copy of the context word, taken at some moment; see the file comment for its bits.
class ContextWord {
public:
    explicit constexpr ContextWord(std::uint64_t bits) : bits_(bits) {}

    /// The running thread's, now. Steady only in its zero-ness unless the caller is atomic.
    static ContextWord now() { return ContextWord(arch::read_context_word()); }

    constexpr unsigned preempt_depth() const { return bits_ & 0xffff; }
    constexpr unsigned irq_depth() const { return (bits_ >> 16) & 0x7fff; }
    constexpr bool reschedule_pending() const { return (bits_ & arch::kCalmBit) == 0; }
    /// Interrupts and preemption are both on, as far as the kernel has counted.
    constexpr bool preemptible() const { return (bits_ & 0x7fffffff) == 0; }
    constexpr std::uint64_t bits() const { return bits_; }

private:
    std::uint64_t bits_;
};

}  // namespace fathom
