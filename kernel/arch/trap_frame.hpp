// Contract: the registers of interrupted code, and what can be asked of them.
//
// Owns:    TrapFrame's questions. Its layout is native/trap_frame.hpp's (176 bytes on x86_64, 288
//          on aarch64) and static_asserted against the assembly's offsets.
// Context: any.

#pragma once

#include <cstdint>

#include <lib/units.hpp>
#include <native/trap_frame.hpp>

namespace fathom::arch {

inline VirtAddr frame_pc(const TrapFrame& frame);
/// Has the interrupted code go on elsewhere: back to where a restartable sequence begins.
inline void set_frame_pc(TrapFrame& frame, VirtAddr pc);
inline VirtAddr frame_sp(const TrapFrame& frame);
inline VirtAddr frame_pointer(const TrapFrame& frame);
/// The context word as the interrupted code had it, before entry counted itself.
inline std::uint64_t frame_context_word(const TrapFrame& frame);
/// Whether the hardware would have taken an interrupt in the interrupted code.
inline bool frame_irqs_on(const TrapFrame& frame);

/// One register for a report: its name as the manual has it and its value.
struct NamedRegister {
    const char* name;
    std::uint64_t value;
};
/// The frame's registers in the manual's order; false past the last.
bool frame_register(const TrapFrame& frame, unsigned number, NamedRegister& out);

}  // namespace fathom::arch
