// Text that is wider than a terminal.
//
// Owns:    print_paragraph().
// Context: any.

#pragma once

#include <string_view>

namespace fathom {

/// Prints a paragraph of words, broken into lines of at most 80 columns: the first begins with
/// `lead`, the others two columns in.
/// Context: any.
void print_paragraph(std::string_view text, std::string_view lead = "  ");

}  // namespace fathom
