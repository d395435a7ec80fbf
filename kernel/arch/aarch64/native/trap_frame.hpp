// aarch64: the registers of interrupted code, as vectors.S stores them.
//
// Owns:    TrapFrame. A trap's frame is the first thing on the CPU's trap stack; a preempted
//          thread's lies in its resume record (native/resume_record.hpp).
// Context: any.
// Story:   written by vectors.S, read by trap.cpp and by everything that reports.

#pragma once

#include <cstddef>
#include <cstdint>

#include <lib/units.hpp>

namespace fathom::arch {

/// Which registers of a TrapFrame mean anything, and so how to go on from it.
enum class FrameKind : std::uint64_t {
    called = 0,       ///< x19 to x30 and sp: a thread that called fathom_switch; goes on by ret
    interrupted = 1,  ///< all of them: goes on by eret
};

/// Offsets are asserted in contract_check.cpp against native/asm_offsets.h.
struct TrapFrame {
    std::uint64_t x[31];         ///< x0 to x30; x29 is the frame pointer, x30 the link register
    std::uint64_t sp;            ///< SP_EL0; SP_EL1 where the trap came from a handler
    std::uint64_t pc;            ///< ELR_EL1
    std::uint64_t pstate;        ///< SPSR_EL1
    std::uint64_t context_word;  ///< the thread's, before entry counted itself
    FrameKind kind;
};

/// PSTATE.I in SPSR_EL1: interrupts masked (Arm ARM, C5.2.19).
inline constexpr std::uint64_t kPstateIrqMasked = 1 << 7;
/// A thread's PSTATE: EL1t, debug exceptions and FIQ masked, SError and interrupts open.
inline constexpr std::uint64_t kPstateThread = 1 << 9 | 1 << 6 | 0b0100;

[[gnu::always_inline]] inline VirtAddr frame_pc(const TrapFrame& frame) { return {frame.pc}; }
inline void set_frame_pc(TrapFrame& frame, VirtAddr pc) { frame.pc = pc.value; }
[[gnu::always_inline]] inline VirtAddr frame_sp(const TrapFrame& frame) { return {frame.sp}; }
[[gnu::always_inline]] inline VirtAddr frame_pointer(const TrapFrame& frame) {
    return {frame.x[29]};
}
[[gnu::always_inline]] inline std::uint64_t frame_context_word(const TrapFrame& frame) {
    return frame.context_word;
}
[[gnu::always_inline]] inline bool frame_irqs_on(const TrapFrame& frame) {
    return (frame.pstate & kPstateIrqMasked) == 0;
}

}  // namespace fathom::arch
