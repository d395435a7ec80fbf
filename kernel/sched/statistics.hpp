// What the scheduler has counted.
//
// Owns:    CpuStatistics.
// Context: any.

#pragma once

#include <cstdint>

namespace fathom {

/// One CPU's counters; each is read by itself, so that they may differ by what happens meanwhile.
struct CpuStatistics {
    std::uint64_t switches;     ///< times that another thread was chosen
    std::uint64_t idle_cycles;  ///< time spent in the idle thread, up to now
    std::uint32_t queued;       ///< threads that wait for the CPU now
};

/// Context: any.
CpuStatistics cpu_statistics(std::uint32_t cpu_index);

}  // namespace fathom
