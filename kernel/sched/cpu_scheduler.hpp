// What each CPU's scheduler keeps.
//
// Owns:    CpuScheduler, one per CPU, and the mask of idle CPUs. Private to kernel/sched.
// Context: atomic, interrupts off; each field says whose lock.
// Story:   used by scheduler.cpp, balance.cpp, affinity.cpp, idle.cpp.

#pragma once

#include <atomic>
#include <cstdint>

#include <arch/cpu_local.hpp>
#include <arch/ipi.hpp>
#include <arch/stack_probe.hpp>
#include <context/per_cpu.hpp>
#include <context/spinlock.hpp>
#include <lib/thread_safety.hpp>
#include <sched/run_queue.hpp>
#include <sched/thread.hpp>

namespace fathom {

inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

struct CpuScheduler {
    /// Protects the queue, and `state`, `priority`, `affinity` and `cpu_index` of every thread
    /// whose cpu_index says this CPU.
    IrqSpinlock lock{LockRank::run_queue};
    RunQueue<Thread> queue;

    Thread* current = nullptr;  ///< lock; what runs here, or is about to
    Thread* idle = nullptr;     ///< constant after preparation

    std::uint64_t run_started = 0;        ///< own CPU: since when `current` has not been charged
    std::uint64_t armed_for = kNever;     ///< own CPU: the deadline given to arch::arm_timer()
    std::uint64_t jitter = 0;             ///< own CPU: added to each slice (sched/tick.cpp)
    std::uint64_t random = 0;  ///< own CPU: what jitter is drawn from; 0 where there is none
    std::uint64_t switches = 0;           ///< lock; how often another thread was chosen
    std::uint64_t passes = 0;  ///< lock; passages without a switch (sched/quiescence.cpp)
    Thread* leaving = nullptr;            ///< own CPU: the idle thread takes it to another CPU
    /// Lock. queue.clock() + this is the CPU's place in the virtual time of the whole machine, by
    /// which CPUs are compared and threads moved between them.
    std::uint64_t clock_offset = 0;

    /// The CPU's place in the machine's virtual time. Read by others without the lock.
    std::uint64_t machine_clock() const { return queue.clock() + clock_offset; }
    /// When `current` will have run long enough, if it goes on until then.
    std::uint64_t slice_end() const {
        return run_started + queue.slice_cycles(current->weight_shift) + jitter;
    }
};

extern PerCpu<CpuScheduler, Birth::by_make> schedulers;

/// The running CPU's: a load from the thread that runs is shorter than the way by the CPU's number.
/// Context: atomic, interrupts off.
[[gnu::always_inline]] inline CpuScheduler& this_scheduler(IrqsDisabled) {
    return *current_thread().home;
}

/// From now on the thread belongs to that CPU, which its affinity allows.
/// Context: atomic, its old queue locked; any for a thread that nobody knows yet.
inline void set_home(Thread& thread, std::uint32_t cpu_index) {
    __atomic_store_n(&thread.cpu_index, cpu_index, __ATOMIC_RELAXED);
    thread.home = &schedulers.of(cpu_index);
    thread.mark(Thread::kDisplaced, false);
}

/// A bit for each CPU that has nothing to run. Set and cleared by the CPU itself.
extern std::atomic<CpuMask> idle_cpus;

/// As seen at some moment.
[[gnu::always_inline]] inline bool nobody_is_idle() {
    static_assert(sizeof(idle_cpus) == sizeof(CpuMask));
    // Volatile: as relaxed as an atomic load, for which GCC forms an address of its own.
    return *reinterpret_cast<const volatile CpuMask*>(&idle_cpus) == 0;
}

/// The furthest that any CPU's machine_clock() has come.
extern std::atomic<std::uint64_t> latest_machine_clock;

inline CpuMask mask_of(std::uint32_t cpu_index) { return CpuMask{1} << cpu_index; }

/// From now on the thread may run on those CPUs only; it may be displaced now.
/// Context: atomic, its queue locked.
inline void restrict_to(Thread& thread, CpuMask mask) {
    thread.affinity = mask;
    thread.mark(Thread::kDisplaced, (mask & mask_of(thread.cpu_index)) == 0);
}

/// Locks the run queue that the thread belongs to: it may move until that is locked. Defined in
/// affinity.cpp.
/// Context: atomic, interrupts off; no lock of rank run_queue or higher held.
CpuScheduler& lock_queue_of(const Thread& thread, IrqsDisabled irqs) FATHOM_VOUCHED_FOR;

/// Asks a CPU to go through the scheduler as soon as what it runs is preemptible.
/// Context: atomic, interrupts off.
[[gnu::always_inline]] inline void ask_to_reschedule(std::uint32_t cpu_index) {
    if (cpu_index == arch::this_cpu_index()) {
        arch::set_reschedule_pending();
    } else {
        arch::send_ipi(cpu_index, arch::Ipi::reschedule);
    }
}

}  // namespace fathom
