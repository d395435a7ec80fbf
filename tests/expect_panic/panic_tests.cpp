// Ways to break the kernel on purpose, one boot each: `panic_test=<name>` on the command line.
//
// Each trigger runs on an application thread and must never come back. What its report must say
// stands in suite.cmake, which boots them one by one.
//
// Owns:    the table of triggers; run_panic_test(), which main/tests.hpp declares.
// Context: preemptible.
// Story:   called by main/work.cpp when the option is given.

#include <main/tests.hpp>

#include <context/log.hpp>
#include <expect_panic/triggers.hpp>
#include <lib/proof_fact.h>
#include <sched/spawn.hpp>

namespace fathom {

namespace {

struct PanicTest {
    std::string_view name;
    void (*trigger)(Preemptible here);
};

#define FATHOM_TRIGGER(name) {#name, triggers::name}
constexpr PanicTest kPanicTests[] = {
    FATHOM_TRIGGER(rule1_on_application_thread),
    FATHOM_TRIGGER(rule2_on_application_thread),
    FATHOM_TRIGGER(rule3_when_preemptible),
    FATHOM_TRIGGER(rule4_when_atomic),
    FATHOM_TRIGGER(api_boundary_when_atomic),
    FATHOM_TRIGGER(system_call_when_atomic),
    FATHOM_TRIGGER(break_rule1),
    FATHOM_TRIGGER(break_rule2),
    FATHOM_TRIGGER(break_rule3),
    FATHOM_TRIGGER(break_rule4),
    FATHOM_TRIGGER(break_rule5),
    FATHOM_TRIGGER(fault_while_atomic),
    FATHOM_TRIGGER(growth_reserve_dry),
    FATHOM_TRIGGER(fault_with_irqs_off),
    FATHOM_TRIGGER(fault_with_lock_held),
    FATHOM_TRIGGER(dead_stack),
    FATHOM_TRIGGER(swept_gap),
    FATHOM_TRIGGER(fault_inside_fault_handler),
    FATHOM_TRIGGER(overflow_by_recursion),
    FATHOM_TRIGGER(overflow_by_large_frame),
    FATHOM_TRIGGER(overflow_by_alloca),
    FATHOM_TRIGGER(overflow_of_trap_stack),
    FATHOM_TRIGGER(overflow_while_atomic),
    FATHOM_TRIGGER(overflow_of_system_call_stack),
    FATHOM_TRIGGER(null_read),
    FATHOM_TRIGGER(null_call),
    FATHOM_TRIGGER(wild_write),
    FATHOM_TRIGGER(wild_jump),
    FATHOM_TRIGGER(execute_data),
    FATHOM_TRIGGER(write_text),
    FATHOM_TRIGGER(write_constant),
    FATHOM_TRIGGER(failed_assertion),
    FATHOM_TRIGGER(panic_in_panic),
    FATHOM_TRIGGER(panic_with_hung_cpu),
    FATHOM_TRIGGER(spin_for_ever),
    FATHOM_TRIGGER(undefined_behaviour),
    FATHOM_TRIGGER(smashed_stack),
    FATHOM_TRIGGER(lock_order),
    FATHOM_TRIGGER(two_run_queues),
    FATHOM_TRIGGER(section_below_window),
    FATHOM_TRIGGER(section_without_prefault),
    FATHOM_TRIGGER(section_on_lazy_stack_by_rule1),
    FATHOM_TRIGGER(double_fault),
    FATHOM_TRIGGER(floating_point),
    FATHOM_TRIGGER(invalid_instruction),
    FATHOM_TRIGGER(unknown_interrupt),
};
#undef FATHOM_TRIGGER

void run_trigger(Preemptible here, void* argument) {
    callable_table<CallClass::crash, &kPanicTests, sizeof kPanicTests>();
    indirect_call_of<CallClass::crash>();
    static_cast<const PanicTest*>(argument)->trigger(here);
}

const PanicTest* find(std::string_view name) {
    for (const PanicTest& test : kPanicTests) {
        if (test.name == name) {
            return &test;
        }
    }
    return nullptr;
}

}  // namespace

Result<void> run_panic_test(std::string_view name, Preemptible here) {
    const PanicTest* const test = find(name);
    if (test == nullptr) {
        log("panic_test={}: there is no such trigger; there are:", name);
        for (const PanicTest& known : kPanicTests) {
            log("  {}", known.name);
        }
        return Error::not_found;
    }
    log("panic_test={}: the kernel must not survive this", name);
    const ThreadAttributes attributes{.name = "panic_test", .stack_bytes = KiB(64)};
    const auto thread =
        spawn_application<run_trigger>(attributes, const_cast<PanicTest*>(test), here);
    if (!thread.ok()) {
        return thread.error();
    }
    if (const auto joined = join_thread(*thread, here); !joined.ok()) {
        return joined.error();
    }
    log("panic_test={}: it came back", name);
    return Error::unsupported;
}

}  // namespace fathom
