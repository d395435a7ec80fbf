// A stack drawn page by page, with the fault and the stack pointer on it.
//
// Owns:    print_stack_map().
// Context: the panicking CPU, its panic stack.
// Story:   called by panic/panic.cpp; the pages are mm/thread_stack.hpp's, or the page tables'.

#pragma once

#include <lib/units.hpp>

namespace fathom {

/// Draws the stack that holds `fault` or, where that lies in none, the one that holds `sp`. Pages
/// in the same state share a line. `fault` is 0 where there was none.
[[gnu::cold]] void print_stack_map(VirtAddr sp, VirtAddr fault);

}  // namespace fathom
