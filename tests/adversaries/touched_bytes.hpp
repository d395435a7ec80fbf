// Which bytes an instruction is about to touch.
//
// Owns:    TouchedBytes, bytes_touched_by(). Defined in <arch>/touched_bytes.cpp.
// Context: any; reads the instruction from the kernel's text.
// Story:   asked by the stepper before each instruction; believed by shadow.cpp once it was done.

#pragma once

#include <arch/trap_frame.hpp>
#include <lib/units.hpp>

namespace fathom {

/// The lowest byte of each memory operand: no instruction that the compiler writes has more than
/// two (a push from memory, a string move).
struct TouchedBytes {
    static constexpr unsigned kMost = 2;
    VirtAddr at[kMost] = {};
    unsigned count = 0;

    void add(std::uint64_t address) { at[count++] = {address}; }
};

/// The operands of the instruction at the frame's pc, by the frame's registers. What is popped is
/// left out (it was touched when it was pushed), and so is what lies at %gs.
TouchedBytes bytes_touched_by(const arch::TrapFrame& frame);

}  // namespace fathom
