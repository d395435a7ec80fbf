// What the command line asks for, in order, and the end of the machine.
//
// Context: preemptible.
// Story:   called by first_thread.cpp; the jobs are in jobs/, the tests in tests/.

#include <main/work.hpp>

#include <arch/power.hpp>
#include <context/log.hpp>
#include <main/jobs/park.hpp>
#include <main/jobs/search.hpp>
#include <main/monitor/monitor.hpp>
#include <main/tests.hpp>
#include <mm/frame_reserve.hpp>
#include <sched/spawn.hpp>

namespace fathom {
namespace {

struct Work {
    const BootInfo& boot;
    const Options& options;
};

bool run_the_tests(const Options& options, Preemptible here) {
    if (!has_kernel_tests()) {
        log("tests: none are linked into this image");
        return true;
    }
    return run_kernel_tests(options, here).all_well();
}

bool run_a_panic(const Options& options, Preemptible here) {
    const Result<void> ended = run_panic_test(options.panic_test.view(), here);
    log("panic_test {}: {}", options.panic_test.view(),
        ended.ok() ? "came back" : describe(ended.error()));
    return false;
}

bool run_chosen(const Work& work, Preemptible here) {
    const Options& options = work.options;
    if (!options.panic_test.view().empty()) {
        return run_a_panic(options, here);
    }
    bool well = true;
    if (options.run_search) {
        well &= run_search(work.boot, options, here);
    }
    if (options.run_park) {
        well &= run_park(options, here);
    }
    if (options.run_tests) {
        well &= run_the_tests(options, here);
    }
    if (options.run_figures) {
        well &= run_figures("", options, here).ok();
    }
    if (options.run_monitor) {
        run_monitor(options, here);
    }
    return well;
}

bool run_everything(const Work& work, Preemptible here) {
    const std::string_view adversary = work.options.adversary.view();
    if (adversary.empty()) {
        return run_chosen(work, here);
    }
    const Result<void> started = start_adversary(adversary, here);
    if (!started.ok()) {
        log("adversary {}: {}", adversary, describe(started.error()));
        return false;
    }
    const bool well = run_chosen(work, here);
    finish_adversary(here);
    return well;
}

void work_thread(Preemptible here, void* argument) {
    const bool well = run_everything(*static_cast<const Work*>(argument), here);
    exit_thread(well ? 1 : 0, here);
}

}  // namespace

void do_the_work(const BootInfo& boot, const Options& options, Preemptible here) {
    Work work{boot, options};
    const auto thread = spawn_application<work_thread>({.name = "work"}, &work, here);
    ASSERT(thread.ok(), "no memory for the thread that does the work");
    const auto well = join_thread(*thread, here);
    log("fathom: {} stack faults since boot", mm::stack_faults_served());
    log("fathom: done");
    arch::power_off(well.ok() && *well != 0 ? arch::ExitStatus::passed : arch::ExitStatus::failed);
}

}  // namespace fathom
