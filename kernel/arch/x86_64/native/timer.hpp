// x86_64: the time-stamp counter.

#pragma once

#include <cstdint>

namespace fathom::arch {

[[gnu::always_inline]] inline std::uint64_t read_cycles() {
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return static_cast<std::uint64_t>(high) << 32 | low;
}

}  // namespace fathom::arch
