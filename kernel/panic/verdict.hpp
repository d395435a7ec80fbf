// What a broken rule comes to, and where to read on.
//
// Owns:    print_verdict(), read_next().
// Context: the panicking CPU, its panic stack.
// Story:   used by panic/explain.cpp, which has told the facts.

#pragma once

#include <string_view>

#include <context/site.hpp>
#include <panic/cause.hpp>

namespace fathom {

/// One sentence: which part of what `site` claims was not true when the stack fault came.
void print_verdict(const PanicCause& cause, const SiteRecord& site);

/// The page of the documentation for this kind of panic, and the heading there.
std::string_view read_next(const PanicCause& cause);

}  // namespace fathom
