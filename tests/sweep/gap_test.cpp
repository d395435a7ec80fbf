// An operation of the sweep's own, with what the kernel's functions have seldom: bytes above sp
// that nobody wrote. A prefault that trusts in them fails here.

#include <sweep/gap.hpp>
#include <sweep/sweep_run.hpp>

namespace fathom {
namespace {

SWEEP(section_below_gap) {
    sweep.call([](Preemptible swept) { section_below_gap<256>(swept); });
}

}  // namespace

// Fails with OSv's single load at sp - 4096: 4352 bytes below the last written one.
KERNEL_TEST("sweep: a section below 256 bytes of stack that nobody wrote") {
    run_sweep(test, callable<CallClass::sweep, sweep_section_below_gap>(), here);
}

}  // namespace fathom
