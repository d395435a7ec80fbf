// Shell-like patterns for names: `*` is any run of characters, `?` any one.
//
// Owns:    glob_matches().
// Context: any; no state. Builds on the host too.

#pragma once

#include <cstddef>
#include <string_view>

namespace fathom {

/// Whether the whole of `name` matches. Time is bounded by the product of the two lengths.
/// Context: any.
constexpr bool glob_matches(std::string_view pattern, std::string_view name) {
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;  // the last `*` seen, and how far it has reached
    std::size_t reached = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            reached = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++reached;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

}  // namespace fathom
