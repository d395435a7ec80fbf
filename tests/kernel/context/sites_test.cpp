// The site table: one sane record for every place that becomes atomic or stops being so.
//
// What would break without it: the prover, GDB and the panic report read this table and believe it.

#include <runner/test.hpp>

#include <build_options.hpp>
#include <context/policy.hpp>
#include <context/site.hpp>

namespace fathom {

extern "C" const char fathom_text_begin[];
extern "C" const char fathom_text_end[];

KERNEL_TEST("context: every site has a rule, lies in the text, its window fits") {
    unsigned by_rule[6] = {};
    for (const SiteRecord& site : all_sites()) {
        const auto rule = static_cast<unsigned>(site.rule());
        const auto turn = static_cast<unsigned>(site.turn());
        ASSERT_TRUE(test, rule >= 1 && rule <= 5);
        ++by_rule[rule];
        ASSERT_TRUE(test, turn >= 1 && site.turn() <= arch::Turn::system_call);
        EXPECT_GE(test, site.pc().value, VirtAddr::of(fathom_text_begin).value);
        EXPECT_LE(test, site.pc().value + site.length, VirtAddr::of(fathom_text_end).value);
        EXPECT_LE(test, site.window, StackPolicy::kSound ? kLargestWindow : 4096);
        const bool enters =
            site.turn() == arch::Turn::preempt_off || site.turn() == arch::Turn::irqs_off;
        if (site.window != 0) {
            EXPECT(test, enters);
            EXPECT(test, StackPolicy::touch(site.rule()) != arch::Touch::never);
        }
        EXPECT_EQ(test, site.length == 0, site.turn() == arch::Turn::api_boundary);
    }
    EXPECT_GT(test, all_sites().size(), 100u);
    EXPECT_GT(test, by_rule[4], 50u);
    EXPECT_GT(test, by_rule[5], 0u);
    EXPECT_GT(test, by_rule[3], 0u);
}

// Whoever takes pages from interrupted code asks this, and sets the code back to the load.
KERNEL_TEST("context: between a site's load and its section, the site is found") {
    unsigned found = 0;
    for (const SiteRecord& site : all_sites()) {
        for (unsigned byte = 1; byte < site.length && site.window != 0; ++byte) {
            const SiteRecord* const entered = site_being_entered(site.pc() + byte);
            ASSERT_TRUE(test, entered != nullptr);
            ASSERT_EQ(test, entered->pc().value, site.pc().value);
            ++found;
        }
    }
    EXPECT(test, found > 100 || StackPolicy::touch(Rule::preemptible) == arch::Touch::never);
    EXPECT(test, site_being_entered(VirtAddr::of(fathom_text_begin)) == nullptr);
    EXPECT(test, site_being_entered({0}) == nullptr);
}

KERNEL_TEST("context: where prefaults are bought, every rule-4 site has one") {
    if (StackPolicy::touch(Rule::preemptible) == arch::Touch::never) {
        SKIP(test, "the policy touches nothing ahead");
    }
    unsigned without = 0;
    unsigned with = 0;
    for (const SiteRecord& site : all_sites()) {
        const bool enters =
            site.turn() == arch::Turn::preempt_off || site.turn() == arch::Turn::irqs_off;
        if (enters && site.rule() == Rule::preemptible) {
            ++(site.window == 0 ? without : with);
        }
    }
    EXPECT_GT(test, with, 20u);
    // A window of 0 is a claim for the release build alone.
    EXPECT(test, kZeroWindows || without == 0);
}

}  // namespace fathom
