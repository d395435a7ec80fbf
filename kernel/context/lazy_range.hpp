// Where the stacks of threads lie: a fact of the address-space layout that the rules need.
//
// Owns:    the virtual ranges of stacks. mm/thread_stack.hpp divides them into arenas and slots.
// Context: any; no state.

#pragma once

#include <cstdint>

namespace fathom {

/// Lazily populated stacks (application threads): one arena of 1 TiB for each size class.
inline constexpr std::uint64_t kLazyStackBase = 0xffff'a000'0000'0000;
inline constexpr unsigned kArenaShift = 40;
/// 8 KiB to 1 GiB in powers of two.
inline constexpr unsigned kStackClasses = 18;
inline constexpr std::uint64_t kLazyStackEnd =
    kLazyStackBase + (std::uint64_t{kStackClasses} << kArenaShift);

/// Wholly populated stacks: kernel threads, idle threads, trap stacks. Guarded in the same way.
inline constexpr std::uint64_t kKernelStackBase = 0xffff'c000'0000'0000;
inline constexpr std::uint64_t kKernelStackEnd = kKernelStackBase + (1ull << kArenaShift);

/// Whether `address` lies in the range of lazily populated stacks (their gaps included).
constexpr bool in_lazy_range(std::uint64_t address) {
    return address - kLazyStackBase < kLazyStackEnd - kLazyStackBase;
}

}  // namespace fathom
