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

}  // namespace fathom
