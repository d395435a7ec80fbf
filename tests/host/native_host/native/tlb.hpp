// Host: no translation is cached; what would have been forgotten is counted for the tests.

#pragma once

#include <atomic>
#include <cstdint>

namespace fathom::arch {

inline constexpr bool kTlbFlushReachesAllCpus = true;
inline constinit std::atomic<std::uint64_t> host_page_flushes = 0;
inline constinit std::atomic<std::uint64_t> host_whole_flushes = 0;

inline void flush_tlb_page(VirtAddr) { ++host_page_flushes; }
inline void flush_tlb_all() { ++host_whole_flushes; }
inline void load_page_table(PhysAddr) {}

}  // namespace fathom::arch
