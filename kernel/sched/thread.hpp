// A thread: its control block, and what can be done with one.
//
// Owns:    Thread, ThreadId, ThreadAttributes; the life of threads by id.
// Context: each says.
// Story:   created by spawn_application<fn> / spawn_kernel<fn> (sched/spawn.hpp); runs by
//          sched/scheduler.cpp; ends in sched/thread_exit.cpp; freed by who joins it or by the
//          reaper.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <arch/thread_anchor.hpp>
#include <context/online_cpus.hpp>
#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>
#include <sched/run_node.hpp>

namespace fathom {

namespace mm {
class ThreadStack;
}
class Mutex;
class WaitQueue;
struct StackClaim;
struct CpuScheduler;

/// Names a thread for ever: never given to another. 0 is nobody. The low 16 bits are a slot of the
/// thread table, the rest counts its uses.
struct ThreadId {
    std::uint64_t value = 0;
    constexpr auto operator<=>(const ThreadId&) const = default;
};

/// How a timed wait ended.
enum class WakeReason : std::uint8_t { woken, timed_out };

/// What a thread is called: at most 15 bytes and a zero.
inline constexpr std::size_t kThreadNameSize = 16;

/// How a thread is to be. All have defaults.
struct ThreadAttributes {
    std::string_view name = "thread";  ///< its first 15 bytes are kept
    /// Application threads: 8 KiB to 1 GiB, rounded up to a power of two. Kernel threads: populated
    /// wholly. 0 means 1 MiB and 16 KiB.
    std::size_t stack_bytes = 0;
    Priority priority = Priority::normal;
    CpuMask affinity = kAllCpus;  ///< must name an online CPU
    bool detached = false;        ///< frees itself; cannot be joined
};

/// The control block. Locks: "queue" is the run queue lock of the CPU `cpu_index`.
class Thread : public arch::ThreadAnchor, public RunNode<Thread> {
public:
    constexpr Thread() = default;
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    ThreadId id() const { return {thread_id}; }
    std::string_view name() const { return {name_text}; }
    bool is_application() const { return lazy_stack != 0; }
    /// CPU time used up to its last switch, in cycles.
    std::uint64_t cpu_cycles() const { return __atomic_load_n(&cycles, __ATOMIC_RELAXED); }

    std::uint32_t stack_pages = 0;               ///< constant; here it fills a gap
    CpuScheduler* home = nullptr;                ///< of CPU `cpu_index`; written with it
    Priority priority = Priority::normal;        ///< queue
    WakeReason wake_reason = WakeReason::woken;  ///< who wakes it, before it can run
    // Three bits of one byte: thread table's lock.
    bool detached : 1 = false;
    bool joined : 1 = false;                     ///< somebody joins it
    bool finished : 1 = false;                   ///< it has a value
    bool ended = false;                          ///< by the kernel, for want of memory; once
    char name_text[kThreadNameSize] = {};        ///< constant after creation
    CpuMask affinity = kAllCpus;      ///< queue; empty while `claim`: it may run nowhere

    StackClaim* claim = nullptr;      ///< queue; who keeps it from running
    mm::ThreadStack* stack = nullptr; ///< application threads; constant after creation
    VirtAddr stack_top;               ///< constant after creation

    WaitQueue* waiting_on = nullptr;  ///< that queue's lock
    Thread* joiner = nullptr;         ///< thread table's lock
    union {                           // who has a value locks nothing any more
        Mutex* wanted_mutex = nullptr;  ///< its own: what it waits to lock
        std::uint64_t exit_value;       ///< constant once `finished`
    };
    std::uint64_t cycles = 0;         ///< written by the CPU it runs on
};
// With its stack's slot (32 bytes) and its place in the thread table at most 512 bytes of memory:
// nine fit a page.
static_assert(sizeof(Thread) <= 448);

/// The running thread; on a trap stack, the interrupted one.
/// Context: any.
[[gnu::always_inline]] inline Thread& current_thread() {
    return *static_cast<Thread*>(arch::current_thread_anchor());
}

/// Ends the running thread with a value for who joins it.
/// Context: preemptible, may fault.
[[noreturn]] void exit_thread(std::uint64_t value, Preemptible here);

/// Waits until the thread has ended, frees it and returns its value. A thread can be joined once.
/// Errors: not_found (there is none of that id any more); invalid_argument (itself, or detached);
/// busy (somebody else joins it); out_of_memory (joined and freed, but it has no value: the kernel
/// ended it, since its stack could not grow).
/// Context: preemptible, may fault.
Result<std::uint64_t> join_thread(ThreadId id, Preemptible here);

/// From now on the thread frees itself when it ends; it may have ended already.
/// Errors: as join_thread().
/// Context: preemptible, may fault.
Result<void> detach_thread(ThreadId id, Preemptible here);

/// Lets every other thread that is ready run first, if there is any.
/// Context: preemptible, may fault.
void yield(Preemptible here);

/// Restricts the thread to the CPUs of `mask`. The running thread is on one of them on return;
/// another one leaves a CPU that has become forbidden soon.
/// Errors: invalid_argument where no CPU of the mask is online; not_found.
/// Context: preemptible, may fault.
Result<void> set_affinity(ThreadId id, CpuMask mask, Preemptible here);

/// Context: preemptible, may fault.
/// Errors: not_found.
Result<void> set_priority(ThreadId id, Priority priority, Preemptible here);

/// What can be told of a thread at one moment.
struct ThreadStatus {
    ThreadId id;
    char name[kThreadNameSize];
    ThreadState state;
    Priority priority;
    CpuMask affinity;
    std::uint32_t cpu_index;
    bool application;
    std::uint64_t cpu_cycles;
};
/// Errors: not_found.
/// Context: preemptible, may fault.
Result<ThreadStatus> thread_status(ThreadId id, Preemptible here);

/// How many threads there are, the idle ones not counted.
/// Context: any.
std::size_t thread_count();

/// Slots of the thread table.
inline constexpr std::size_t kMaxThreads = 65536;

/// The thread in a slot of the table (0 to kMaxThreads - 1), or null: for debuggers and the panic
/// report. Nothing keeps it alive.
/// Context: any.
const Thread* thread_in_slot(std::size_t slot);

/// The idle thread of a CPU; it is not in the table.
/// Context: any.
const Thread& idle_thread(std::uint32_t cpu_index);

}  // namespace fathom
