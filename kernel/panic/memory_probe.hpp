// Reading memory that may not be there: a panic must not fault on the data it reports.
//
// Owns:    is_readable(), read_word().
// Context: any, once the other CPUs are stopped: it walks the page tables, and what it has found
//          must still be there when it is read. A kernel that runs is read by mm/live_memory.hpp.
// Story:   used by panic/backtrace.cpp and panic/stack_map.cpp.

#pragma once

#include <cstdint>

#include <lib/units.hpp>

namespace fathom {

/// Whether the page of `address` is mapped: part of the kernel's image, or known to mm.
/// Context: any; the other CPUs are stopped.
[[gnu::cold]] bool is_readable(VirtAddr address);

/// The word at `address`, which must be 8-byte aligned; false where it cannot be read.
/// Context: any; the other CPUs are stopped.
[[gnu::cold]] bool read_word(VirtAddr address, std::uint64_t& out);

}  // namespace fathom
