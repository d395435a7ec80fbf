// The words of a report: what happened, why that ends the kernel, what to read.
//
// Owns:    print_headline(), print_explanation().
// Context: the panicking CPU, its panic stack.
// Story:   called by panic/panic.cpp.

#pragma once

#include <panic/cause.hpp>

namespace fathom {

/// "PANIC: " and what happened, in one sentence.
[[gnu::cold]] void print_headline(const PanicCause& cause);

/// Why it is fatal; for a rule: what the site claimed, what was true, the nearest site, and what
/// to read next.
[[gnu::cold]] void print_explanation(const PanicCause& cause);

}  // namespace fathom
