// The in-kernel tests, as the kernel sees them.
//
// Owns:    TestCounts; run_kernel_tests() is defined in tests/runner/runner.cpp, or in
//          main/jobs/without_tests.cpp where the image has no tests.
// Context: preemptible.

#pragma once

#include <context/witness.hpp>
#include <main/options.hpp>

namespace fathom {

/// How the tests went.
struct TestCounts {
    unsigned planned = 0;
    unsigned passed = 0;
    unsigned failed = 0;
    unsigned skipped = 0;

    unsigned run() const { return passed + failed + skipped; }
    /// Every planned test ran and none failed. False where nothing matched the glob.
    bool all_well() const { return planned != 0 && run() == planned && failed == 0; }
};

/// Runs the tests that options.test_glob matches and prints KTAP.
/// Upcall: see above.
/// Context: preemptible, may fault.
TestCounts run_kernel_tests(const Options& options, Preemptible here);

/// Whether any test is linked into this image.
bool has_kernel_tests();

}  // namespace fathom
