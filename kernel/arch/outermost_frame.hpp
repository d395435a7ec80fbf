// Contract: telling a debugger where a stack begins.
//
// Owns:    outermost_frame(). Only DWARF call frame information, in no byte of the image: without
//          it GDB takes whatever lies above for one more caller.
// Context: any.
// Story:   used where a thread or a CPU arrives in C++; assembly says it with its own directives.

#pragma once

namespace fathom::arch {

/// The first statement of a function that nobody has called.
/// Context: any.
[[gnu::always_inline]] inline void outermost_frame();

}  // namespace fathom::arch

#include <native/outermost_frame.hpp>
