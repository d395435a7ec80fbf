// What a broken rule comes to, and where to read on.
//
// Owns:    print_verdict(), read_next().
// Context: the panicking CPU, its panic stack.
// Story:   used by panic/panic.cpp, right after the headline, and panic/explain.cpp.

#pragma once

#include <string_view>

#include <panic/cause.hpp>

namespace fathom {

/// Of a broken rule, in one sentence: which one, and what of its claim was not true when the stack
/// fault came. Nothing where no site is found, or of another panic.
/// Context: panic stack.
[[gnu::cold]] void print_verdict(const PanicCause& cause);

/// The page of the documentation for this kind of panic, and the heading there.
/// Context: panic stack.
[[gnu::cold]] std::string_view read_next(const PanicCause& cause);

}  // namespace fathom
