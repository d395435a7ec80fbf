// bench, test and break-rule: what tests/ has, one at a time.
//
// Context: preemptible.

#include <context/log.hpp>
#include <main/monitor/command.hpp>
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
        log("(in real time: cycles of the counter; make figures counts instructions)");
    }
    return Outcome::done;
}

Outcome run_tests(Words& words, Preemptible here) {
    Options options = kernel_options();
    const std::string_view glob = words.rest();
    if (glob.empty() || !options.test_glob.assign(glob)) {
        return Outcome::misused;
    }
    run_kernel_tests(options, here);
    return Outcome::done;
}

Outcome break_rule(Words& words, Preemptible here) {
    static constexpr std::string_view kTriggers[] = {"break_rule1", "break_rule2", "break_rule3",
                                                     "break_rule4", "break_rule5"};
    const auto rule = words.next_number();
    if (!rule.ok() || *rule < 1 || *rule > std::size(kTriggers) || !words.empty()) {
        return Outcome::misused;
    }
    const Result<void> ended = run_panic_test(kTriggers[*rule - 1], here);
    log("break-rule: {}", ended.ok() ? "came back" : describe(ended.error()));
    return Outcome::done;
}

}  // namespace fathom::monitor
