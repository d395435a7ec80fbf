// One plain load of a word that others may be writing.
//
// A relaxed atomic load means the same, but GCC for aarch64 forms its address in a register of its
// own; a volatile one takes the offset into the load. Aligned words are read whole on both
// architectures.
//
// Owns:    read_once().
// Context: any.

#pragma once

#include <cstdint>

namespace fathom::mm {

/// The value of `word` at some moment; orders nothing.
/// Context: any.
template <typename T>
[[gnu::always_inline]] inline T read_once(const T& word) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    return *const_cast<const volatile T*>(&word);
}

}  // namespace fathom::mm
