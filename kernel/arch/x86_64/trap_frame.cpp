// A trap frame's registers by name, for reports.
//
// Owns:    frame_register().
// Context: any.

#include <arch/trap_frame.hpp>

namespace fathom::arch {

bool frame_register(const TrapFrame& frame, unsigned number, NamedRegister& out) {
    const NamedRegister registers[] = {
        {"rax", frame.rax}, {"rbx", frame.rbx}, {"rcx", frame.rcx},       {"rdx", frame.rdx},
        {"rsi", frame.rsi}, {"rdi", frame.rdi}, {"rbp", frame.rbp},       {"rsp", frame.rsp},
        {"r8", frame.r8},   {"r9", frame.r9},   {"r10", frame.r10},       {"r11", frame.r11},
        {"r12", frame.r12}, {"r13", frame.r13}, {"r14", frame.r14},       {"r15", frame.r15},
        {"rip", frame.rip}, {"cs", frame.cs},   {"rflags", frame.rflags}, {"ss", frame.ss},
    };
    if (number >= sizeof registers / sizeof registers[0]) {
        return false;
    }
    out = registers[number];
    return true;
}

}  // namespace fathom::arch
