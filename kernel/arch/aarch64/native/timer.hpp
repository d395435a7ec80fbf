// aarch64: the virtual counter of the generic timer (Arm ARM, D12).

#pragma once

#include <cstdint>

namespace fathom::arch {

// Without an isb before it the read may happen a few instructions early, as rdtsc's may: who times
// something shorter than that adds one. It saves every trace event an instruction.
[[gnu::always_inline]] inline std::uint64_t read_cycles() {
    std::uint64_t ticks;
    asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
}

}  // namespace fathom::arch
