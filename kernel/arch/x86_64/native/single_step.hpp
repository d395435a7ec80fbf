// x86_64: RFLAGS.TF, which raises #DB after each instruction (SDM vol. 3B, 17.3.1.4).

#pragma once

#include <cstdint>

#include <arch/stack_probe.hpp>
#include <native/asm_offsets.h>
#include <native/instructions.hpp>

namespace fathom::arch {

/// RFLAGS.TF.
inline constexpr std::uint64_t kTrapFlag = 1u << 8;
/// DR6.BS: a single step it was. The CPU sets it and never clears it.
inline constexpr std::uint64_t kSingleStepStatus = 1u << 14;

inline void allow_single_step() {}

inline void start_stepping(TrapFrame& frame) { frame.rflags |= kTrapFlag; }
inline void step_again(TrapFrame&) {}  // the frame has the flag still
inline void stop_stepping(TrapFrame& frame) { frame.rflags &= ~kTrapFlag; }

inline bool take_single_step() {
    const std::uint64_t status = read_debug_status();
    write_debug_status(status & ~kSingleStepStatus);
    return (status & kSingleStepStatus) != 0;
}

// rip is the return address already. Registers that a call may change keep what the record held.
// The word is what it was before this very trap.
inline void resume_stepped(ThreadAnchor& out, const TrapFrame& frame) {
    TrapFrame& record = out.resume.frame;
    record.vector = 1;  // a whole frame, by a debug trap
    record.context_word = frame.context_word;
    record.cs = SELECTOR_CODE;
    record.ss = SELECTOR_DATA;
    record.rflags = 1u << 1 | kTrapFlag;  // interrupts are off inside a switch
}

}  // namespace fathom::arch
