// The site that a broken rule is about: found through the backtrace, since code has no memory.
//
// Owns:    nearest_site(), describe_claim().
// Context: any.
// Story:   used by panic/explain.cpp; the table is context/site.hpp's.

#pragma once

#include <string_view>

#include <context/rule.hpp>
#include <context/site.hpp>
#include <panic/backtrace.hpp>

namespace fathom {

/// The site that was passed last before the place that `walk` starts at: in the innermost function
/// that has one, the last one above that place. With `rule` not 0, only sites that state it. Null
/// where there is none.
/// Context: any.
[[gnu::cold]] const SiteRecord* nearest_site(FrameWalk walk, unsigned rule);

/// What a site that states `rule` claims, as a sentence.
/// Context: any.
[[gnu::cold]] std::string_view describe_claim(Rule rule);

/// What the site does, in words: "preemption off", ...
/// Context: any.
[[gnu::cold]] std::string_view describe_turn(arch::Turn turn);

}  // namespace fathom
