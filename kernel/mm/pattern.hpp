// Hardened builds: memory that nobody owns is full of a pattern, which must still be there later.
//
// Every free page and block is filled and searched, so both loops go word by word, and without
// UBSan's checks of each step, which would cost ten times the work.
//
// Owns:    fill_pattern(), first_other().
// Context: any.

#pragma once

#include <cstddef>
#include <cstdint>

// Both compilers know this spelling.
#define FATHOM_NO_UBSAN __attribute__((no_sanitize("undefined")))

namespace fathom::mm {

/// Eight times the same byte.
constexpr std::uint64_t repeated(std::byte value) {
    return 0x0101'0101'0101'0101 * std::to_integer<std::uint64_t>(value);
}

/// Fills the words [begin, end).
/// Context: any.
FATHOM_NO_UBSAN inline void fill_pattern(std::uint64_t* begin, std::uint64_t* end,
                                                        std::uint64_t value) {
    for (volatile std::uint64_t* at = begin; at < end; ++at) {
        *at = value;
    }
}

/// The first of the words [begin, end) that is not `value`, or `end`.
/// Context: any.
FATHOM_NO_UBSAN inline const std::uint64_t* first_other(const std::uint64_t* begin,
                                                                       const std::uint64_t* end,
                                                                       std::uint64_t value) {
    while (begin < end && *begin == value) {
        ++begin;
    }
    return begin;
}

/// Fills the bytes [begin, end).
/// Context: any.
FATHOM_NO_UBSAN inline void fill_pattern(std::byte* begin, std::byte* end,
                                                        std::byte value) {
    for (; begin < end && reinterpret_cast<std::uint64_t>(begin) % 8 != 0; ++begin) {
        *static_cast<volatile std::byte*>(begin) = value;
    }
    const std::size_t words = static_cast<std::size_t>(end - begin) / 8;
    auto* const word = reinterpret_cast<std::uint64_t*>(begin);
    fill_pattern(word, word + words, repeated(value));
    for (begin += words * 8; begin < end; ++begin) {
        *static_cast<volatile std::byte*>(begin) = value;
    }
}

/// The first of the bytes [begin, end) that is not `value`, or `end`.
/// Context: any.
FATHOM_NO_UBSAN inline const std::byte* first_other(const std::byte* begin,
                                                                   const std::byte* end,
                                                                   std::byte value) {
    for (; begin < end && reinterpret_cast<std::uint64_t>(begin) % 8 != 0; ++begin) {
        if (*begin != value) {
            return begin;
        }
    }
    const auto* const word = reinterpret_cast<const std::uint64_t*>(begin);
    const std::size_t words = static_cast<std::size_t>(end - begin) / 8;
    begin = reinterpret_cast<const std::byte*>(first_other(word, word + words, repeated(value)));
    while (begin < end && *begin == value) {
        ++begin;
    }
    return begin;
}

}  // namespace fathom::mm

#undef FATHOM_NO_UBSAN
