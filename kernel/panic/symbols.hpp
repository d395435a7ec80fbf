// Names for code addresses, from the table that tools/make_symbols.py adds to the image.
//
// Owns:    symbol_of(), parts_of().
// Context: any; constant data.
// Story:   used by panic/backtrace.cpp and panic/nearest_site.cpp.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lib/units.hpp>

namespace fathom {

/// A function and a place in it. `name` is empty where the address is not in a known function.
struct Symbol {
    std::string_view name;
    std::uint64_t offset = 0;  ///< bytes from the function's first instruction
};

/// The function that holds `address`. For a return address ask with one byte less: a call may be
/// the last instruction of its function.
/// Context: any.
[[gnu::cold]] Symbol symbol_of(VirtAddr address);

/// A run of instructions, [begin, end).
struct CodeRange {
    VirtAddr begin;
    VirtAddr end;
};

/// The ranges of the function that holds `address`: the one it lies in first, then the parts that
/// the compiler moved elsewhere (its cold half, say). Returns how many were written.
/// Context: any.
[[gnu::cold]] std::size_t parts_of(VirtAddr address, std::span<CodeRange> out);

/// Whether the address lies in the kernel's text.
/// Context: any.
[[gnu::cold]] bool in_text(VirtAddr address);

}  // namespace fathom
