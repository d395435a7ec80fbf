// Contract: the serial line.

#pragma once

#include <string_view>

namespace fathom::arch {

/// Writes the bytes, waiting for the line; "\n" goes out as it is (no "\r").  Needs no memory,
/// takes no lock: the caller keeps lines apart (context/log.hpp).
/// Context: any.
void console_write(std::string_view text);

/// The next byte typed, or -1 where there is none.
/// Context: any; one reader at a time.
int console_read();

}  // namespace fathom::arch
