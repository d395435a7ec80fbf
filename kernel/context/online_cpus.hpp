// Which CPUs take part: a mask that only grows.
//
// Owns:    the mask. Set by main/secondary.cpp when a CPU has set itself up.
// Context: any.

#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace fathom {

/// One bit for each CPU index; kMaxCpus fit.
using CpuMask = std::uint32_t;
inline constexpr CpuMask kAllCpus = ~CpuMask{0};

namespace detail {
inline constinit std::atomic<CpuMask> online_mask = 1;
}

/// The CPUs that run threads and answer IPIs. Bit 0, the boot CPU, is always set.
inline CpuMask online_cpus() { return detail::online_mask.load(std::memory_order_acquire); }
inline unsigned online_cpu_count() { return static_cast<unsigned>(std::popcount(online_cpus())); }
inline void mark_online(std::uint32_t cpu_index) {
    detail::online_mask.fetch_or(CpuMask{1} << cpu_index, std::memory_order_acq_rel);
}

}  // namespace fathom
