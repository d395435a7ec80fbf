// aarch64: software step (Arm ARM, D2.12).
//
// MDSCR_EL1.SS and .KDE allow it for the whole CPU; PSTATE.D, masked in every thread of ours, says
// who is stepped; PSTATE.SS says whether an instruction comes before the next exception.

#pragma once

#include <cstdint>

namespace fathom::arch {

inline constexpr std::uint64_t kPstateDebugMasked = 1u << 9;
inline constexpr std::uint64_t kPstateStep = 1u << 21;

inline void allow_single_step() {
    constexpr std::uint64_t kSoftwareStep = 1u << 0;
    constexpr std::uint64_t kKernelDebug = 1u << 13;
    std::uint64_t control;
    asm volatile("mrs %0, mdscr_el1" : "=r"(control));
    asm volatile(
        "msr mdscr_el1, %0\n"
        "isb" ::"r"(control | kSoftwareStep | kKernelDebug)
        : "memory");
}

inline void start_stepping(TrapFrame& frame) {
    frame.pstate = (frame.pstate & ~kPstateDebugMasked) | kPstateStep;
}
inline void step_again(TrapFrame& frame) { frame.pstate |= kPstateStep; }
inline void stop_stepping(TrapFrame& frame) {
    frame.pstate = (frame.pstate | kPstateDebugMasked) & ~kPstateStep;
}

inline bool take_single_step() {
    constexpr std::uint64_t kStepFromSameLevel = 0x33;
    std::uint64_t syndrome;
    asm volatile("mrs %0, esr_el1" : "=r"(syndrome));
    return (syndrome >> 26 & 0x3f) == kStepFromSameLevel;
}

// fathom_switch has stored what a call must keep, sp, and x30 for the return address. The live word
// counts this very trap; the depth without it is in the trap's frame.
inline void resume_stepped(ThreadAnchor& out, const TrapFrame& frame) {
    TrapFrame& record = out.resume.frame;
    record.pc = record.x[30];
    record.pstate = kPstateThread | kPstateIrqMasked;
    record.context_word = frame.context_word;
    record.kind = FrameKind::interrupted;
    start_stepping(record);
}

}  // namespace fathom::arch
