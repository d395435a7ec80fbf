// A test's deadline: a test that hangs ends the run, and the log names it.
//
// Owns:    TestDeadline.
// Context: preemptible; the timer's end of it runs in the timer interrupt.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <runner/test.hpp>
#include <sched/timer_queue.hpp>

namespace fathom {

/// Armed while it lives. It must not be moved to another thread, but may end on another CPU.
class TestDeadline {
public:
    /// `scale` multiplies the test's own deadline.
    /// Context: preemptible.
    TestDeadline(const KernelTest& test, std::uint32_t scale, Preemptible here);
    /// Context: preemptible.
    ~TestDeadline();
    TestDeadline(const TestDeadline&) = delete;
    TestDeadline& operator=(const TestDeadline&) = delete;

private:
    struct Alarm : Timer {
        explicit Alarm(const KernelTest& late)
            : Timer(callable<CallClass::timer, &Alarm::ring>()), test(late) {}
        /// Ends the run.
        static void ring(Timer& timer, IrqsDisabled irqs);
        const KernelTest& test;
    };

    Alarm alarm_;
    Preemptible here_;
};

}  // namespace fathom
