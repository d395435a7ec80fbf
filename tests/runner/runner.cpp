// Goes through the registered tests and prints KTAP on the serial line.
//
//     KTAP version 1
//     1..2
//     # run 1: mm: a freed frame is given out again
//     # 5120 cycles
//     ok 1 - mm: a freed frame is given out again
//
// The "# run" line stands before the test so that the log of a run that crashed names it.
//
// Context: preemptible. Each test has an application thread of its own.
// Story:   called by main.cpp after the jobs; main/tests.hpp declares it.

#include <main/tests.hpp>

#include <arch/timer.hpp>
#include <lib/glob.hpp>
#include <lib/proof_fact.h>
#include <runner/deadline.hpp>
#include <runner/test.hpp>
#include <sched/spawn.hpp>

namespace fathom {

// Bounds set by the linker scripts.
extern "C" const KernelTest fathom_tests_begin[];
extern "C" const KernelTest fathom_tests_end[];

namespace {

struct RunningTest {
    const KernelTest* test;
    TestContext context;
};

void test_thread(Preemptible here, void* argument) {
    auto& running = *static_cast<RunningTest*>(argument);
    callable_table<CallClass::kernel_test, fathom_tests_begin, fathom_tests_end>();
    indirect_call_of<CallClass::kernel_test>();
    running.test->function(running.context, here);
}

std::span<const KernelTest> all_tests() { return {fathom_tests_begin, fathom_tests_end}; }

/// An adversary attacks the sweep's operations, unless the command line asks for other tests.
bool selected(const KernelTest& test, const Options& options) {
    const std::string_view asked = options.test_glob.view();
    const bool swept = !options.adversary.view().empty() && asked == "*";
    return glob_matches(swept ? "sweep: *" : asked, test.name);
}

/// Runs the test to its end, within its deadline.
Result<void> run_on_a_thread(RunningTest& running, const Options& options, Preemptible here) {
    TestDeadline deadline(*running.test, options.deadline_scale, here);
    const ThreadId thread = FATHOM_TRY(
        spawn_application<test_thread>({.name = "test", .stack_bytes = MiB(1)}, &running, here));
    FATHOM_TRY(join_thread(thread, here));
    return {};
}

void run_one(const KernelTest& test, const Options& options, TestCounts& counts, Preemptible here) {
    const unsigned number = counts.run() + 1;
    log("# run {}: {}", number, test.name);
    RunningTest running{&test, TestContext(options.deadline_scale == 1)};
    const std::uint64_t begin = arch::read_cycles();
    const Result<void> ended = run_on_a_thread(running, options, here);
    const std::uint64_t cycles = arch::read_cycles() - begin;
    if (!ended.ok()) {
        running.context.fail(test.file, static_cast<int>(test.line), "the test's thread ran");
        log("#   {}", ended.error());
    }
    log("# {} cycles", cycles);
    if (running.context.failures() != 0) {
        ++counts.failed;
        log("not ok {} - {}", number, test.name);
    } else if (running.context.skip_reason() != nullptr) {
        ++counts.skipped;
        log("ok {} - {} # SKIP {}", number, test.name, running.context.skip_reason());
    } else {
        ++counts.passed;
        log("ok {} - {}", number, test.name);
    }
}

}  // namespace

bool has_kernel_tests() { return !all_tests().empty(); }

TestCounts run_kernel_tests(const Options& options, Preemptible here) {
    TestCounts counts;
    for (const KernelTest& test : all_tests()) {
        counts.planned += selected(test, options);
    }
    if (counts.planned == 0) {
        log("tests: none of {} matches \"{}\"", all_tests().size(), options.test_glob.view());
        return counts;
    }
    log("KTAP version 1");
    log("1..{}", counts.planned);
    for (const KernelTest& test : all_tests()) {
        if (selected(test, options)) {
            run_one(test, options, counts, here);
        }
    }
    log("# {} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    return counts;
}

}  // namespace fathom
