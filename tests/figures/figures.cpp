// All figures, one after the other (run=figures), or a group of them. The host side is
// tools/figures.py.

#include <figures/measure.hpp>

#include <string_view>

#include <context/online_cpus.hpp>
#include <lib/proof_fact.h>
#include <lib/result.hpp>
#include <main/tests.hpp>
#include <trace/event.hpp>

namespace fathom {

namespace {

struct Group {
    std::string_view name;
    void (*measure)(Preemptible here);
};
constexpr Group kGroups[] = {
    {"heap", measure_heap},
    {"switches", measure_switches},
    {"sections", measure_sections},
    {"interrupts", measure_interrupts},
    {"threads", measure_thread_life},
    {"faults", measure_stack_faults},
    {"calls", measure_deep_calls},
    {"touched", measure_touched_stacks},
    {"parked", measure_parked_threads},
    {"scaling", measure_scaling},
};

/// With several CPUs a single operation's cost is not to be had: all of them count.
bool belongs_to_all(const Group& group) {
    return (online_cpu_count() > 1) == (group.name == "scaling");
}

}  // namespace

Result<void> run_figures(std::string_view wanted, const Options& options, Preemptible here) {
    // Under -icount the counter starts at reset, so this is what it took to get here.
    const std::uint64_t boot = arch::read_cycles();
    unit_of_cycles = options.deadline_scale == 1 ? "instructions" : "cycles";
    const bool traced = trace::enabled();
    trace::set_enabled(false);  // but for stack faults, which are always recorded
    if (wanted.empty() && online_cpu_count() == 1) {
        print_cycles("boot_to_main", boot);
    }
    bool found = wanted.empty();
    for (const Group& group : kGroups) {
        if (wanted.empty() ? belongs_to_all(group) : group.name == wanted) {
            callable_table<CallClass::figures, &kGroups, sizeof kGroups>();
            indirect_call_of<CallClass::figures>();
            group.measure(here);
            found = true;
        }
    }
    trace::set_enabled(traced);
    return found ? Result<void>() : Result<void>(Error::not_found);
}

}  // namespace fathom
