// A test's deadline: a timer whose callback ends the run.
//
// Context: preemptible; ring() runs in the timer interrupt.

#include <runner/deadline.hpp>

#include <arch/timer.hpp>
#include <lib/assert.hpp>

namespace fathom {

TestDeadline::TestDeadline(const KernelTest& test, std::uint32_t scale, Preemptible here)
    : alarm_(test), here_(here) {
    const std::uint64_t cycles = std::uint64_t{test.deadline_millions} * 1'000'000 * scale;
    alarm_.set(arch::read_cycles() + cycles, here);
}

TestDeadline::~TestDeadline() { static_cast<void>(alarm_.cancel(here_)); }

void TestDeadline::Alarm::ring(Timer& timer, IrqsDisabled) {
    const KernelTest& test = static_cast<Alarm&>(timer).test;
    log("# {}:{}: \"{}\" has not ended within {} million cycles", test.file, test.line, test.name,
        test.deadline_millions);
    PANIC("a test passed its deadline (of {} million cycles)", test.deadline_millions);
}

}  // namespace fathom
