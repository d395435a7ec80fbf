// A test's deadline: a test that hangs ends the run, and the log names it.
//
// Owns:    TestDeadline.
// Context: preemptible; the timer's end of it runs in the timer interrupt.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <runner/test.hpp>

namespace fathom {

/// Armed while it lives. One at a time.
class TestDeadline {
public:
    /// `scale` multiplies the test's own deadline.
    /// Context: preemptible.
    TestDeadline(const KernelTest& test, std::uint32_t scale, Preemptible here);
    /// Context: preemptible.
    ~TestDeadline();
    TestDeadline(const TestDeadline&) = delete;
    TestDeadline& operator=(const TestDeadline&) = delete;
};

}  // namespace fathom
