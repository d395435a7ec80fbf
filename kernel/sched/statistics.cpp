// Reading the scheduler's counters from outside.
//
// Owns:    see sched/statistics.hpp.
// Context: any.

#include <sched/statistics.hpp>

#include <sched/cpu_scheduler.hpp>

namespace fathom {

CpuStatistics cpu_statistics(std::uint32_t cpu_index) {
    const CpuScheduler& cpu = schedulers.of(cpu_index);
    return {.switches = __atomic_load_n(&cpu.switches, __ATOMIC_RELAXED),
            .idle_cycles = idle_thread(cpu_index).cpu_cycles(),
            .queued = cpu.queue.count()};
}

std::uint64_t total_switches() {
    std::uint64_t sum = 0;
    for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
        sum += cpu_statistics(cpu).switches;
    }
    return sum;
}

}  // namespace fathom
