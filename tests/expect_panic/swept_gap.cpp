// The sweep, tested: a function with a hole that no ordinary call finds.
//
// Context: preemptible, on an application thread.

#include <expect_panic/triggers.hpp>
#include <sweep/gap.hpp>
#include <sweep/sweep_run.hpp>

namespace fathom::triggers {

namespace {

SWEEP(section_below_large_gap) {
    sweep.call([](Preemptible swept) { section_below_gap<3800>(swept); });
}

}  // namespace

// Called in the ordinary way it is fine: 240 of the 256 places that sp can have hide the hole.
void swept_gap(Preemptible here) {
    section_below_gap<3800>(here);
    TestContext test(false);  // no time is measured
    run_sweep(test, sweep_section_below_large_gap, here);
}

}  // namespace fathom::triggers
