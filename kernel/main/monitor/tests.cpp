// bench, test and break-rule: what tests/ has, one at a time.
//
// Context: preemptible.

#include <context/log.hpp>
#include <context/policy.hpp>
#include <main/monitor/command.hpp>
#include <main/monitor/crew_threads.hpp>
#include <main/tests.hpp>

namespace fathom::monitor {

Outcome run_bench(Words& words, Preemptible here) {
    const std::string_view row = words.next();
    if (row.empty() || !words.empty()) {
        return Outcome::misused;
    }
    const Result<void> done = run_figures(row, kernel_options(), here);
    if (!done.ok() && done.error() == Error::not_found) {
        return Outcome::misused;
    }
    if (!done.ok()) {
        log("bench: {}", done.error());
    } else {
        log("(cycles of the counter, in real time; make figures counts instructions)");
    }
    return Outcome::done;
}

Outcome run_tests(Words& words, Preemptible here) {
    Options options = kernel_options();
    const std::string_view glob = words.rest();
    if (glob.empty() || !options.test_glob.assign(glob)) {
        return Outcome::misused;
    }
    if (count_crew(here).all() != 0) {
        log("test: what spawn has started ends first: tests count memory to the frame");
        end_crew(here);
    }
    run_kernel_tests(options, here);
    return Outcome::done;
}

namespace {

/// Why a page that is touched in an atomic section does no harm here.
std::string_view why_it_came_back() {
    constexpr PageCount kWhole{512};
    if (!(StackPolicy::pages_at_creation(kWhole) < kWhole)) {
        return "populates whole stacks at creation, so none of their pages can fault";
    }
    if (StackPolicy::kGrowsWhileAtomic) {
        return "lets a stack grow in atomic sections, too, so such a fault is served";
    }
    return "ought to have refused it";
}

}  // namespace

Outcome break_rule(Words& words, Preemptible here) {
    static constexpr std::string_view kTriggers[] = {"break_rule1", "break_rule2", "break_rule3",
                                                     "break_rule4", "break_rule5"};
    const auto rule = words.next_number();
    if (!rule.ok() || *rule < 1 || *rule > std::size(kTriggers) || !words.empty()) {
        return Outcome::misused;
    }
    if (!has_kernel_tests()) {
        log("break-rule: this image has no tests, and so nothing that breaks a rule");
        return Outcome::done;
    }
    const Result<void> ended = run_panic_test(kTriggers[*rule - 1], here);
    if (!ended.ok() && ended.error() != Error::unsupported) {
        log("break-rule: {}", ended.error());
        return Outcome::done;
    }
    log("break-rule: rule {} was broken, and nothing happened: the policy {}", *rule,
        StackPolicy::kName);
    log("  {}", why_it_came_back());
    log("  TYPE=release has a policy that refuses it");
    return Outcome::done;
}

}  // namespace fathom::monitor
