// Contract: who called code that has no frame record.
//
// Owns:    leaf_caller(). The compiler writes no record for a function that calls nobody, and none
//          is there yet at a function's first instructions.
// Context: any; for backtraces.
// Story:   used by panic/backtrace.cpp; the records themselves look alike on both architectures.

#pragma once

#include <arch/trap_frame.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

/// Where the return address stands: in `address`, or in the stack's word at `slot`. Both are 0
/// where the code has a record, as far as its instructions tell.
struct LeafCaller {
    VirtAddr address;
    VirtAddr slot;
};

/// `function_begin` is the first instruction of the function that was interrupted, 0 where the pc
/// is in none (a wild jump). A hint, not a proof: the caller checks that it leads into the text.
/// Context: any.
inline LeafCaller leaf_caller(const TrapFrame& frame, VirtAddr function_begin);

}  // namespace fathom::arch

#include <native/leaf_caller.hpp>
