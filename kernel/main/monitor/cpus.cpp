// cpus: what each of them does.
//
// Context: preemptible.

#include <array>

#include <arch/timer.hpp>
#include <context/log.hpp>
#include <main/monitor/command.hpp>
#include <main/monitor/thread_rows.hpp>
#include <mm/frame_reserve.hpp>
#include <sched/statistics.hpp>

namespace fathom::monitor {

namespace {

/// Who runs on each CPU, as far as the thread table tells.
struct Running {
    std::array<ThreadId, kMaxCpus> threads{};

    explicit Running(Preemptible here) {
        for_each_row(here, [&](const ThreadRow& row) {
            if (row.state == ThreadState::running && row.cpu_index < kMaxCpus) {
                threads[row.cpu_index] = row.id;
            }
        });
    }
};

void print(std::uint32_t cpu, ThreadId thread) {
    const CpuStatistics seen = cpu_statistics(cpu);
    const mm::FrameReserve& reserve = mm::FrameReserve::of(cpu);
    const std::uint64_t permille = seen.idle_cycles / (arch::read_cycles() / 1000 + 1);
    char name[24];
    BufferSink sink(name);
    if (thread.value == 0) {
        sink.write("idle");
    } else {
        format_to(sink, "{}", thread.value);
    }
    log("  {:>3} {:>8} {:>8} {:>12} {:>5}.{} % {:>12} {:>9}", cpu, sink.text(), seen.queued,
        seen.switches, permille / 10, permille % 10, reserve.stack_faults(), reserve.count());
}

}  // namespace

Outcome show_cpus(Words& words, Preemptible here) {
    if (!words.empty()) {
        return Outcome::misused;
    }
    const Running running(here);
    log("  {:>3} {:>8} {:>8} {:>12} {:>9} {:>12} {:>9}", "cpu", "thread", "waiting", "switches",
        "idle", "stack faults", "reserve");
    for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
        if ((online_cpus() >> cpu & 1) != 0) {
            print(cpu, running.threads[cpu]);
        }
    }
    log("reserve: zeroed frames that lie ready for stack faults");
    return Outcome::done;
}

}  // namespace fathom::monitor
