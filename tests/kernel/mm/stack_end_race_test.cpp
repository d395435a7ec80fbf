// One CPU serves stack faults in a stack while another ends it.
//
// A fault in the stack of a thread that has ended is a bug, and panics; so the race is run one step
// below, where the fault handler installs the page. What would break without it: a page that goes
// in after the end has looked for pages, and so belongs to nobody, or to the next thread.

#include <runner/test.hpp>

#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/spin_barrier.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/kernel_space.hpp>

namespace fathom {
namespace {

/// A size that no other thread has here: the slot stays dead after its end.
constexpr std::size_t kStackBytes = KiB(128);
constexpr unsigned kPages = kStackBytes / kPageSize;

struct EndRace {
    SpinBarrier barrier{2};
    mm::ThreadStack* stack = nullptr;
    std::atomic<unsigned> installed = 0;
    unsigned refused = 0;
    unsigned raised_the_dead = 0;  ///< installed after a refusal
};

mm::Installed install(mm::ThreadStack& stack, VirtAddr page, Preemptible here) {
    IrqsOff atomic{here, window<2048>};
    return stack.install(page, atomic);
}

/// Faults in every page from the bottom up, again and again, until the stack is gone, and on.
void fault_until_gone(EndRace& race, Preemptible here) {
    bool gone = false;
    for (unsigned turns_after = 0; turns_after < 2; turns_after += gone) {
        const VirtAddr end = race.stack->top() - kPageSize;  // that page is there from birth
        for (VirtAddr page = race.stack->first_page(); page < end; page = page + kPageSize) {
            const mm::Installed outcome = install(*race.stack, page, here);
            race.installed.fetch_add(outcome == mm::Installed::now);
            race.raised_the_dead += gone && outcome != mm::Installed::stack_is_gone;
            race.refused += outcome == mm::Installed::stack_is_gone;
            gone |= outcome == mm::Installed::stack_is_gone;
            arch::spin_hint();  // with counted instructions: now the other CPU
        }
    }
}

unsigned pages_left(const mm::ThreadStack& stack) {
    unsigned left = 0;
    for (VirtAddr page = stack.first_page(); page < stack.top() - kPageSize;
         page = page + kPageSize) {
        left += mm::translate(page).ok();
    }
    return left;
}

/// Ends the stack when so many pages are in.
void end_it(TestContext& test, EndRace& race, unsigned pages, Preemptible here) {
    const auto stack = mm::ThreadStack::create(kStackBytes, 0, here);
    ASSERT_OK(test, stack);
    race.stack = *stack;
    const unsigned enough = race.installed.load() + pages;
    race.barrier.arrive_and_wait();
    while (race.installed.load() < enough) {
        arch::spin_hint();
    }
    race.stack->destroy(here);
    race.barrier.arrive_and_wait();
    EXPECT_EQ(test, pages_left(*race.stack), 0u);
}

}  // namespace

KERNEL_TEST("mm: a fault that races with its stack's end leaves no page behind") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    // In real time each meeting of two CPUs takes a loaded host long.
    const unsigned rounds = test.time_is_counted() ? 100 : 5;
    touch_own_stack(8);
    const auto first = mm::ThreadStack::create(kStackBytes, 0, here);  // its records stay
    ASSERT_OK(test, first);
    (*first)->destroy(here);
    fill_all_reserves(here);
    const std::size_t before = available_frames(here);
    EndRace race;
    {
        Crew crew(test, here, [&race, rounds](Preemptible inner, unsigned) {
            touch_own_stack(8);
            for (unsigned round = 0; round < rounds; ++round) {
                race.barrier.arrive_and_wait();
                fault_until_gone(race, inner);
                race.barrier.arrive_and_wait();
            }
        });
        crew.start({.name = "faulter", .affinity = 2});
        EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
        for (unsigned round = 0; round < rounds; ++round) {
            end_it(test, race, round % kPages, here);
        }
    }
    EXPECT_GT(test, race.installed.load(), rounds);
    EXPECT_GE(test, race.refused, rounds);
    EXPECT_EQ(test, race.raised_the_dead, 0u);
    fill_all_reserves(here);
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

}  // namespace fathom
