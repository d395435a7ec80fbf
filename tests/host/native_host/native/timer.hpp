// Host: a clock that tests set and advance.

#pragma once

#include <atomic>
#include <cstdint>

namespace fathom::arch {

inline constinit std::atomic<std::uint64_t> host_cycles = 0;

inline std::uint64_t read_cycles() { return host_cycles.load(std::memory_order_relaxed); }

}  // namespace fathom::arch
