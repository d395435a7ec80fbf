// Whether the machine counts instructions instead of time: then a test may ask for exact figures.
//
// Owns:    cycles_are_instructions().
// Context: preemptible.

#pragma once

#include <context/witness.hpp>

namespace fathom {

/// True where the same code takes the same number of cycles every time: QEMU runs with -icount.
/// Else host scheduling stretches every interval.
/// Context: preemptible.
bool cycles_are_instructions(Preemptible here);

}  // namespace fathom
