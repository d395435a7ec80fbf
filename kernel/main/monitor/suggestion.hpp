// What a mistyped word was probably meant to be.
//
// Owns:    report_unknown().
// Context: preemptible.

#pragma once

#include <string_view>

namespace fathom::monitor {

/// Says that no command is called so, and which one was meant if one is similar.
/// Context: preemptible, may fault.
void report_unknown(std::string_view word);

}  // namespace fathom::monitor
