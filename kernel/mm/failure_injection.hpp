// For tests: let the n-th allocation from now on find no memory.
//
// Counted are the points at which memory can run out: heap blocks, frames, stack slots and the frame
// of a stack fault. Off it costs one test of a variable that is never written.
//
// Owns:    the countdown.
// Context: any.

#pragma once

#include <atomic>
#include <cstdint>

namespace fathom::mm {

namespace detail {
/// Allocations until the one that fails; 0 is off. May go below 0 by concurrent allocations.
inline constinit std::atomic<std::int64_t> allocations_until_failure = 0;
}  // namespace detail

/// Makes the n-th allocation from now fail, once; n = 1 is the next one, 0 turns it off.
/// Context: any.
inline void fail_allocation_at(std::uint64_t n) {
    detail::allocations_until_failure.store(static_cast<std::int64_t>(n),
                                            std::memory_order_relaxed);
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
