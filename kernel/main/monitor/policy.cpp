// policy: what this build does so that no stack page faults where it must not.
//
// Context: preemptible.

#include <build_options.hpp>
#include <context/log.hpp>
#include <context/policy.hpp>
#include <main/monitor/command.hpp>
#include <mm/thread_stack.hpp>

namespace fathom::monitor {

namespace {

std::string_view describe(arch::Touch touch) {
    switch (touch) {
    case arch::Touch::never: return "nothing";
    case arch::Touch::always: return "one load, ahead";
    case arch::Touch::if_preemptible: return "asks the context word, then maybe loads";
    case arch::Touch::if_open: return "asks the flags and the word, then maybe loads";
    }
    return "?";
}

}  // namespace

Outcome show_policy(Words& words, Preemptible) {
    if (!words.empty()) {
        return Outcome::misused;
    }
    log("policy {}{}{}{}", StackPolicy::kName, StackPolicy::kSound ? "" : " (known to be unsound)",
        kStackInvariants ? ", invariants asserted" : "", kHardened ? ", hardened" : "");
    log("  pages of a new stack of 1 MiB: {}", mm::stack_pages_at_creation(MiB(1)));
    for (unsigned rule = 1; rule <= 5; ++rule) {
        log("  before a section by rule {}: {}", rule,
            describe(StackPolicy::touch(static_cast<Rule>(rule))));
    }
    log("kernel/context/policies/{}.hpp is all of it", StackPolicy::kName);
    return Outcome::done;
}

}  // namespace fathom::monitor
