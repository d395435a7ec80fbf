// x86_64: the return address would be on top of the stack, if there were one.
//
// Context: any.

#pragma once

namespace fathom::arch {

inline void outermost_frame() { asm volatile(".cfi_undefined rip"); }

}  // namespace fathom::arch
