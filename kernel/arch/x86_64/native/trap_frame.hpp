// x86_64: what vectors.S leaves on a trap stack. 176 bytes; offsets in native/asm_offsets.h.
//
// Owns:    TrapFrame.
// Context: any.
// Story:   the lower part is pushed by vectors.S, the upper by the CPU (SDM vol. 3A, 6.14.2).

#pragma once

#include <cstdint>

#include <native/asm_offsets.h>
#include <lib/units.hpp>

namespace fathom::arch {

/// The registers of interrupted code.
struct TrapFrame {
    std::uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
    std::uint32_t vector;        ///< which gate; in a parked thread's record maybe a TAG_
    std::uint32_t context_word;  ///< of the interrupted code: entry counts itself after this copy
    std::uint64_t error_code;    ///< 0 where the vector has none
    std::uint64_t rip, cs, rflags, rsp, ss;
};
static_assert(sizeof(TrapFrame) == FRAME_SIZE);

/// RFLAGS.IF.
inline constexpr std::uint64_t kInterruptFlag = 1u << 9;

inline VirtAddr frame_pc(const TrapFrame& frame) { return {frame.rip}; }
inline void set_frame_pc(TrapFrame& frame, VirtAddr pc) { frame.rip = pc.value; }
inline VirtAddr frame_sp(const TrapFrame& frame) { return {frame.rsp}; }
inline VirtAddr frame_pointer(const TrapFrame& frame) { return {frame.rbp}; }
inline std::uint64_t frame_context_word(const TrapFrame& frame) { return frame.context_word; }
inline bool frame_irqs_on(const TrapFrame& frame) { return (frame.rflags & kInterruptFlag) != 0; }

}  // namespace fathom::arch
