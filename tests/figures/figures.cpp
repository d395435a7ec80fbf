// All figures, one after the other (run=figures). The host side is tools/figures.py.

#include <figures/measure.hpp>

#include <context/online_cpus.hpp>
#include <lib/result.hpp>
#include <main/tests.hpp>
#include <trace/event.hpp>

namespace fathom {

Result<void> run_figures(Preemptible here) {
    // Under -icount the counter starts at reset, so this is what it took to get here.
    const std::uint64_t boot = arch::read_cycles();
    trace::set_enabled(false);  // but for stack faults, which are always recorded
    if (online_cpu_count() > 1) {
        measure_scaling(here);  // a single operation's cost is not to be had: all CPUs count
        return {};
    }
    print_figure("boot_to_main", boot, "instructions");
    measure_heap(here);
    measure_switches(here);
    measure_sections(here);
    measure_interrupts(here);
    measure_thread_life(here);
    measure_stack_faults(here);
    measure_deep_calls(here);
    measure_touched_stacks(here);
    measure_parked_threads(here);
    return {};
}

}  // namespace fathom
