// Host: the questions of a trap frame, over the few registers that they ask for.

#pragma once

#include <cstdint>

#include <lib/units.hpp>

namespace fathom::arch {

struct TrapFrame {
    std::uint64_t pc;
    std::uint64_t sp;
    std::uint64_t frame_pointer;
    std::uint64_t context_word;
    bool irqs_on;
};

inline VirtAddr frame_pc(const TrapFrame& frame) { return {frame.pc}; }
inline void set_frame_pc(TrapFrame& frame, VirtAddr pc) { frame.pc = pc.value; }
inline VirtAddr frame_sp(const TrapFrame& frame) { return {frame.sp}; }
inline VirtAddr frame_pointer(const TrapFrame& frame) { return {frame.frame_pointer}; }
inline std::uint64_t frame_context_word(const TrapFrame& frame) { return frame.context_word; }
inline bool frame_irqs_on(const TrapFrame& frame) { return frame.irqs_on; }

}  // namespace fathom::arch
