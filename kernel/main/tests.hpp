// What lies in tests/, as the kernel sees it.
//
// Owns:    TestCounts and the upcalls; they are defined in tests/ (runner/runner.cpp,
//          expect_panic/panic_tests.cpp, figures/figures.cpp), or all in
//          main/jobs/without_tests.cpp where the image has no tests.
// Context: preemptible.

#pragma once

#include <string_view>

#include <context/witness.hpp>
#include <lib/result.hpp>
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

/// Turns the adversary called `name` (options.adversary) on, or off again: then it prints what it
/// has seen. Errors: invalid_argument (the names are logged); unsupported without tests.
/// Upcall: defined in tests/adversaries/adversary.cpp.
/// Context: preemptible, may fault; once.
Result<void> start_adversary(std::string_view name, Preemptible here);
/// Context: preemptible, may fault; once.
void finish_adversary(Preemptible here);

/// Breaks the kernel in the way called `name`; returns only if that failed.
/// Errors: not_found (the names are logged); unsupported if the trigger came back.
/// Upcall: see above.
/// Context: preemptible, may fault.
Result<void> run_panic_test(std::string_view name, Preemptible here);

/// Measures the figures of the design, or only those of a group (heap, switches, sections,
/// interrupts, threads, faults, calls, touched, parked, scaling), and prints each as a line
/// "figure: name value unit". What the counter has measured are instructions where QEMU counts them
/// (options.deadline_scale is 1 then), else cycles.
/// Errors: not_found (no such group); unsupported without tests.
/// Upcall: see above.
/// Context: preemptible, may fault.
Result<void> run_figures(std::string_view group, const Options& options, Preemptible here);

}  // namespace fathom
