// Page faults that are no stack faults: NULL, wild pointers and jumps, broken protection.
//
// Owns:    the words for each.
// Context: the panicking CPU, its panic stack.
// Story:   used by panic/explain.cpp.

#pragma once

#include <panic/cause.hpp>

namespace fathom {

/// What happened, behind "PANIC: ".
[[gnu::cold]] void print_wild_headline(const PanicCause& cause);

/// Why it is fatal and where to look.
[[gnu::cold]] void explain_wild_access(const PanicCause& cause);

}  // namespace fathom
