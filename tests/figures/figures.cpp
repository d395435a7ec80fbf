// All figures, one after the other (run=figures). The host side is tools/figures.py.

#include <figures/measure.hpp>

#include <lib/result.hpp>
#include <main/tests.hpp>
#include <trace/event.hpp>

namespace fathom {

Result<void> run_figures(Preemptible here) {
    // Under -icount the counter starts at reset, so this is what it took to get here.
    print_figure("boot_to_main", arch::read_cycles(), "instructions");
    trace::set_enabled(false);  // but for stack faults, which are always recorded
    measure_heap(here);
    measure_switches(here);
    measure_thread_life(here);
    measure_stack_faults(here);
    measure_parked_threads(here);
    return {};
}

}  // namespace fathom
