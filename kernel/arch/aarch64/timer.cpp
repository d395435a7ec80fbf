// The generic timer's virtual half: one counter for all CPUs, one comparator for each (Arm ARM,
// D12). Virtual, not physical: it is the one that a hypervisor leaves to us, and at EL2 entry the
// offset between the two has been set to zero.
//
// Context: see arch/timer.hpp and timer.hpp.

#include "timer.hpp"

#include <arch/timer.hpp>

#include "gic.hpp"
#include "system_register.hpp"

namespace fathom::arch {
namespace {

// CNTV_CTL_EL0: bit 0 enables, bit 1 masks the interrupt.
constexpr std::uint64_t kOff = 0;
constexpr std::uint64_t kOn = 1;

}  // namespace

std::uint64_t cycles_per_second() { return FATHOM_READ_REGISTER(cntfrq_el0); }

// The condition is "counter at or past the comparator", so a deadline in the past fires at once,
// and ~0 never.
void arm_timer(std::uint64_t deadline) {
    FATHOM_WRITE_REGISTER(cntv_cval_el0, deadline);
    FATHOM_WRITE_REGISTER(cntv_ctl_el0, kOn);
}

void init_timer() {
    silence_timer();
    gic::enable_private(timer_interrupt());
}

void silence_timer() {
    FATHOM_WRITE_REGISTER(cntv_ctl_el0, kOff);
    synchronize_instructions();  // the request falls before the controller is told that it is over
}

}  // namespace fathom::arch
