// Runs one operation of the sweep's table as a test.
//
// Owns:    run_sweep().

#pragma once

#include <runner/test.hpp>
#include <sweep/sweep.hpp>

namespace fathom {

/// Calls the operation at each of the 256 offsets on a thread of its own; a hole in a prefault ends
/// in a panic (a stack fault while atomic), which the run reports as CRASHED.
/// Context: an application thread.
void run_sweep(TestContext& test, SweepFunction operation, Preemptible here);

}  // namespace fathom
