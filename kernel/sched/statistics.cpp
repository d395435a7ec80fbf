// Reading the scheduler's counters from outside.
//
// Owns:    see sched/statistics.hpp.
// Context: any.

#include <sched/statistics.hpp>

#include <arch/timer.hpp>
#include <sched/cpu_scheduler.hpp>

namespace fathom {

namespace {

/// A CPU adds to a thread's time when that stops running, and an idle thread may run for long: what
/// has not been added yet counts as well. Nothing is locked: who comes between two of the CPU's
/// stores sees a time that is too short, once.
std::uint64_t idle_cycles(const CpuScheduler& cpu, const Thread& idle) {
    for (;;) {
        const std::uint64_t charged = idle.cpu_cycles();
        const Thread* const current = __atomic_load_n(&cpu.current, __ATOMIC_ACQUIRE);
        const std::uint64_t since = __atomic_load_n(&cpu.run_started, __ATOMIC_ACQUIRE);
        const std::uint64_t now = arch::read_cycles();
        const bool same = idle.cpu_cycles() == charged &&
                          __atomic_load_n(&cpu.run_started, __ATOMIC_ACQUIRE) == since;
        if (same) {
            return current == &idle && now > since ? charged + (now - since) : charged;
        }
    }
}

}  // namespace

CpuStatistics cpu_statistics(std::uint32_t cpu_index) {
    const CpuScheduler& cpu = schedulers.of(cpu_index);
    return {.switches = __atomic_load_n(&cpu.switches, __ATOMIC_RELAXED),
            .idle_cycles = idle_cycles(cpu, idle_thread(cpu_index)),
            .queued = cpu.queue.count()};
}

}  // namespace fathom
