// An interrupt after each instruction of the sequences that turn preemption and interrupts off and
// on.
//
// A timer is set one cycle later each time, so that (with counted instructions) its interrupt lands
// between every two instructions of the loop in turn, and wakes an urgent thread. What would break
// without it: an update of the depth that an interrupt can tear (aarch64 loads, adds and stores),
// and a reschedule that is asked for between the last look at it and the end of the section, and so
// is lost.

#include <runner/test.hpp>

#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <context/context_word.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <sched/timer_queue.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

/// So many cycles from setting the timer until the loop surely runs.
constexpr std::uint64_t kLead = 3'000;
/// More than the instructions of the longest loop below, enters and leaves included.
constexpr unsigned kOffsets = 160;

struct Alarm : Timer {
    explicit Alarm(Semaphore& target)
        : Timer(callable<CallClass::timer, &Alarm::ring>()), wake(target) {}
    static void ring(Timer& timer, IrqsDisabled irqs) {
        auto& alarm = static_cast<Alarm&>(timer);
        alarm.wake.post(static_cast<Atomic>(irqs));
        alarm.rung.store(true, std::memory_order_relaxed);
    }
    Semaphore& wake;
    std::atomic<bool> rung = false;
};

struct Findings {
    unsigned wrong_depths = 0;   ///< inside a section
    unsigned wrong_outside = 0;  ///< after it
    unsigned lost = 0;  ///< it has rung, we are preemptible, and the urgent one has not run
};

/// Runs `section` until the alarm has rung; what it returns is the word inside.
template <typename Section>
[[gnu::noinline]] void run_until_rung(Alarm& alarm, const std::atomic<unsigned>& ran,
                                      unsigned runs_before, Findings& findings, Section section) {
    bool rung = false;
    while (!rung) {
        findings.wrong_depths += !section();
        rung = alarm.rung.load(std::memory_order_relaxed);
        findings.wrong_outside += !ContextWord::now().preemptible();
        findings.lost += rung && ran.load(std::memory_order_relaxed) == runs_before;
    }
}

template <typename Section>
void interrupt_everywhere(TestContext& test, Preemptible here, Section section) {
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    Semaphore wake{0};
    std::atomic<unsigned> ran = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < kOffsets; ++turn) {
            wake.wait(inner);
            ran.fetch_add(1);
        }
    });
    crew.start({.name = "urgent", .priority = Priority::urgent, .affinity = 1});
    touch_own_stack(4);
    Findings findings;
    for (unsigned offset = 0; offset < kOffsets; ++offset) {
        Alarm alarm(wake);
        alarm.set(arch::read_cycles() + kLead + offset, here);
        run_until_rung(alarm, ran, offset, findings, section);
        EXPECT(test, !alarm.cancel(here));
    }
    EXPECT_EQ(test, findings.wrong_depths, 0u);
    EXPECT_EQ(test, findings.wrong_outside, 0u);
    EXPECT_EQ(test, findings.lost, 0u);
    crew.join();
    EXPECT_EQ(test, ran.load(), kOffsets);
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

}  // namespace

KERNEL_TEST("context: PreemptOff stands an interrupt at each instruction") {
    interrupt_everywhere(test, here, [here] {
        PreemptOff atomic{here, window<512>};
        const ContextWord word = ContextWord::now();
        return word.preempt_depth() == 1 && word.irq_depth() == 0;
    });
}

KERNEL_TEST("context: IrqsOff stands an interrupt at each instruction") {
    interrupt_everywhere(test, here, [here] {
        IrqsOff atomic{here, window<512>};
        const ContextWord word = ContextWord::now();
        return word.preempt_depth() == 0 && word.irq_depth() == 1;
    });
}

KERNEL_TEST("context: nested guards stand an interrupt at each instruction") {
    interrupt_everywhere(test, here, [here] {
        RcuRead outer{here, window<512>};
        bool right = true;
        {
            IrqsOff inner{nested_in(outer)};
            right = ContextWord::now().irq_depth() == 1;
        }
        const ContextWord word = ContextWord::now();
        return right && word.preempt_depth() == 1 && word.irq_depth() == 0;
    });
}

KERNEL_TEST("context: a rule-5 guard stands an interrupt at each instruction") {
    interrupt_everywhere(test, here, [] {
        IrqsOff outer{unknown_context, window<512>};
        PreemptOff inner{unknown_context, window<512>};
        const ContextWord word = ContextWord::now();
        return word.preempt_depth() == 1 && word.irq_depth() == 1;
    });
}

}  // namespace fathom
