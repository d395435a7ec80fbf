// Reading memory that may not be there: a panic must not fault on the data it reports.
//
// Owns:    is_readable(), read_word().
// Context: any. Walks the page tables without a lock; the other CPUs are stopped.
// Story:   used by panic/backtrace.cpp and panic/stack_map.cpp.

#pragma once

#include <cstdint>

#include <lib/units.hpp>

namespace fathom {

/// Whether the page of `address` is mapped: part of the kernel's image, or known to mm.
/// Context: any.
bool is_readable(VirtAddr address);

/// The word at `address`, which must be 8-byte aligned; false where it cannot be read.
/// Context: any.
bool read_word(VirtAddr address, std::uint64_t& out);

}  // namespace fathom
