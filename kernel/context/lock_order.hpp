// The order in which spinlocks may be taken, checked in hardened builds.
//
// Owns:    LockRank. A lock may be taken only while all held ones have a smaller rank; two of the
//          same rank never.
// Context: atomic.

#pragma once

#include <cstdint>

#include <build_options.hpp>
#include <context/witness.hpp>

namespace fathom {

/// Smaller is taken first (outer); `leaf` last, with nothing taken inside.
enum class LockRank : std::uint8_t {
    wait_queue = 10,   ///< sync: who waits for what
    thread_list = 20,  ///< sched: the table of threads
    timers = 30,       ///< sched: a CPU's timer queue
    run_queue = 40,    ///< sched: a CPU's runnable threads
    heap = 50,         ///< mm: a size class's central lists
    stack_arena = 55,  ///< mm: free slots of a stack class
    shootdown = 60,    ///< mm: the TLB shootdown mailbox
    frames = 70,       ///< mm: the buddy allocator, under everything of mm
    console = 90,      ///< the serial line: printing must be possible almost anywhere
    leaf = 100,
};

/// Upcalls of hardened builds: defined in context/lock_order.cpp.
void lock_order_check_acquire(LockRank rank, Atomic);
void lock_order_check_release(LockRank rank, Atomic);
/// For reports: writes the ranks that a CPU holds, outermost first, and says how many. 0 in builds
/// that do not check.
/// Context: any.
unsigned lock_order_held(std::uint32_t cpu_index, LockRank* out, unsigned capacity);

[[gnu::always_inline]] inline void lock_order_acquire(LockRank rank, Atomic atomic) {
    if constexpr (kHardened) {
        lock_order_check_acquire(rank, atomic);
    }
}
[[gnu::always_inline]] inline void lock_order_release(LockRank rank, Atomic atomic) {
    if constexpr (kHardened) {
        lock_order_check_release(rank, atomic);
    }
}

}  // namespace fathom
