// For tests: let the n-th allocation from now on find no memory.
//
// Counted are the points at which memory can run out: heap blocks, frames, stack slots and the
// frame of a stack fault. Off it costs nothing where it matters: arming it sends small heap
// requests and stack faults the long way, where it is asked.
//
// Owns:    the countdown.
// Context: any.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <build_options.hpp>
#include <mm/size_classes.hpp>

namespace fathom::mm {

/// Frames in a reserve below which a refill is asked for.
inline constexpr std::uint32_t kReserveLowWater = 12;

namespace detail {
/// With at most this many frames in the reserve a fault goes the long way.
inline constinit std::uint32_t take_slowly_up_to = kReserveLowWater;
/// Heap requests of more bytes than this go the long way.
inline constinit std::size_t allocate_slowly_above = kLargestBlock - kRedZones;
/// Allocations until the one that fails; 0 is off. May go below 0 by concurrent allocations.
inline constinit std::atomic<std::int64_t> allocations_until_failure = 0;
}  // namespace detail

/// Makes the n-th allocation from now fail, once; n = 1 is the next one, 0 turns it off.
/// Context: any.
inline void fail_allocation_at(std::uint64_t n) {
    detail::allocations_until_failure.store(static_cast<std::int64_t>(n),
                                            std::memory_order_relaxed);
    __atomic_store_n(&detail::allocate_slowly_above, n == 0 ? kLargestBlock - kRedZones : 0,
                     __ATOMIC_RELAXED);
    __atomic_store_n(&detail::take_slowly_up_to, n == 0 ? kReserveLowWater : ~std::uint32_t{0},
                     __ATOMIC_RELAXED);
}

/// Whether the failure that was asked for has not happened yet.
/// Context: any.
inline bool failure_is_pending() {
    return detail::allocations_until_failure.load(std::memory_order_relaxed) > 0;
}

/// For the allocators: counts one allocation; true if it is the one to fail.
/// Context: any.
[[gnu::always_inline]] inline bool allocation_must_fail() {
    if (detail::allocations_until_failure.load(std::memory_order_relaxed) <= 0) [[likely]] {
        return false;
    }
    return detail::allocations_until_failure.fetch_sub(1, std::memory_order_relaxed) == 1;
}

}  // namespace fathom::mm
