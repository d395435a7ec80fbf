// Host: a panic prints its sentence and aborts, so that death tests can read it.

#pragma once

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace fathom::arch {

[[noreturn]] inline void leave_for_panic(const char* message, const char* file, std::uint64_t line,
                                         std::uint64_t first_fact, std::uint64_t second_fact) {
    std::fprintf(stderr, "panic: %s (facts 0x%" PRIx64 ", 0x%" PRIx64 ") at %s:%" PRIu64 "\n",
                 message, first_fact, second_fact, file, line);
    std::abort();
}

}  // namespace fathom::arch
