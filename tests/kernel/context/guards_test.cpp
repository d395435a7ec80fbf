// Guards: they nest, and leave the context word as they found it.
//
// What would break without it: a depth that is counted once for two scopes, interrupts that open
// while an outer scope still has them off, a reschedule that is forgotten on the way out.

#include <runner/test.hpp>

#include <arch/irq.hpp>
#include <context/atomic_scope.hpp>
#include <context/context_word.hpp>
#include <kernel/support/crew.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

struct Seen {
    unsigned preempt_depth;
    unsigned irq_depth;
    bool preemptible;
    bool irqs_on;
};

[[gnu::always_inline]] inline Seen look() {
    const ContextWord word = ContextWord::now();
    return {word.preempt_depth(), word.irq_depth(), word.preemptible(), arch::irqs_enabled()};
}

void expect(TestContext& test, const Seen& seen, unsigned preempt_depth, unsigned irq_depth) {
    EXPECT_EQ(test, seen.preempt_depth, preempt_depth);
    EXPECT_EQ(test, seen.irq_depth, irq_depth);
    EXPECT_EQ(test, seen.preemptible, preempt_depth + irq_depth == 0);
    EXPECT_EQ(test, seen.irqs_on, irq_depth == 0);
}

struct Rule1Seen {
    Seen inside;
    Seen after;
};

void use_rule_1(Preemptible, void* argument) {
    auto& seen = *static_cast<Rule1Seen*>(argument);
    {
        PreemptOff atomic{on_kernel_thread};
        IrqsOff inner{on_kernel_thread};
        seen.inside = look();
    }
    seen.after = look();
}

/// What a section saw after it had woken an urgent thread.
struct Woken {
    unsigned runs;
    bool pending;
};

template <typename Guard>
[[gnu::always_inline]] inline Woken wake_in(Guard& atomic, Semaphore& wake,
                                            const std::atomic<unsigned>& ran) {
    wake.post(static_cast<Atomic>(atomic));
    return {ran.load(), ContextWord::now().reschedule_pending()};
}

Woken wake_in_a_section(unsigned kind, Semaphore& wake, const std::atomic<unsigned>& ran,
                        Preemptible here) {
    if (kind == 0) {
        PreemptOff atomic{here, window<1024>};
        return wake_in(atomic, wake, ran);
    }
    if (kind == 1) {
        IrqsOff atomic{here, window<1024>};
        return wake_in(atomic, wake, ran);
    }
    RcuRead atomic{here, window<1024>};
    IrqsOff nested{nested_in(atomic)};
    return wake_in(nested, wake, ran);
}

}  // namespace

KERNEL_TEST("context: guards nest, and each leaves what it found") {
    Seen seen[8];
    seen[0] = look();
    {
        PreemptOff first{here, window<1024>};
        seen[1] = look();
        {
            IrqsOff second{nested_in(first)};
            seen[2] = look();
            {
                RcuRead third{nested_in(second)};
                seen[3] = look();
                IrqsOff fourth{unknown_context, window<512>};
                seen[4] = look();
            }
            seen[5] = look();
        }
        seen[6] = look();
    }
    seen[7] = look();
    expect(test, seen[0], 0, 0);
    expect(test, seen[1], 1, 0);
    expect(test, seen[2], 1, 1);
    expect(test, seen[3], 2, 1);
    expect(test, seen[4], 2, 2);
    expect(test, seen[5], 1, 1);
    expect(test, seen[6], 1, 0);
    expect(test, seen[7], 0, 0);
}

KERNEL_TEST("context: rule 5 works on a preemptible thread, too") {
    Seen inside[2];
    {
        PreemptOff atomic{unknown_context, window<512>};
        inside[0] = look();
    }
    {
        IrqsOff atomic{unknown_context, window<512>};
        inside[1] = look();
    }
    expect(test, inside[0], 1, 0);
    expect(test, inside[1], 0, 1);
    expect(test, look(), 0, 0);
}

KERNEL_TEST("context: a kernel thread may use rule 1") {
    Rule1Seen result{};
    const auto thread = spawn_kernel<use_rule_1>({.name = "rule 1"}, &result, here);
    ASSERT_OK(test, thread);
    EXPECT_OK(test, join_thread(*thread, here));
    expect(test, result.inside, 1, 1);
    expect(test, result.after, 0, 0);
}

KERNEL_TEST("context: a reschedule that comes while atomic waits for the way out") {
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    Semaphore wake{0};
    std::atomic<unsigned> ran = 0;
    constexpr unsigned kTurns = 12;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            wake.wait(inner);
            ran.fetch_add(1);
        }
    });
    crew.start({.name = "urgent", .priority = Priority::urgent, .affinity = 1});
    for (unsigned turn = 0; turn < kTurns; ++turn) {
        const Woken inside = wake_in_a_section(turn % 3, wake, ran, here);
        EXPECT_EQ(test, inside.runs, turn);
        EXPECT(test, inside.pending);
        EXPECT_EQ(test, ran.load(), turn + 1);
        EXPECT(test, !ContextWord::now().reschedule_pending());
    }
    crew.join();
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

}  // namespace fathom
