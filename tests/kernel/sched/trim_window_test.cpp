// What a waiting thread's section may still touch is not trimmed.
//
// A thread that calls the scheduler is parked in the middle of its section, and the rest of it (a
// timer to be cancelled, a lock to be let go of) goes deeper than where it was parked. What would
// break without it: a trim that cuts at the stack pointer. The next push after the wake-up would
// fault in an atomic section, wherever a page edge lies between the two.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <sched/clock.hpp>
#include <sched/trim.hpp>
#include <sweep/sweep.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr unsigned kPlaces = kPageSize / 16;  // that sp can have in a page

struct Waiting {
    Semaphore begun{0};
    Semaphore gate{0};
    bool in_time = true;
};

void wait_for_the_gate(void* argument) {
    auto& waiting = *static_cast<Waiting*>(argument);
    const Preemptible here = Preemptible::at_api_boundary();
    waiting.begun.post(here);
    waiting.in_time &= waiting.gate.wait_until(now_ns() + 10'000'000'000, here).ok();
}

}  // namespace

KERNEL_TEST("sched: a thread that waits keeps its window, wherever it waits") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    Waiting waiting;
    std::size_t trimmed = 0;
    {
        Crew crew(test, here, [&waiting](Preemptible, unsigned) {
            touch_own_stack(4);
            const std::uint64_t page = align_down(arch::stack_pointer(), kPageSize);
            for (unsigned place = 0; place < kPlaces; ++place) {
                fathom_call_at(page - 2 * kPageSize - 16 * place,
                               callable<CallClass::call_at, wait_for_the_gate>(), &waiting);
            }
        });
        const ThreadId waiter = crew.start({.name = "waiter"});
        for (unsigned place = 0; place < kPlaces; ++place) {
            waiting.begun.wait(here);
            sleep_for(20'000, here);  // until it has parked
            const Result<PageCount> pages = trim_thread(waiter, here);
            trimmed += pages.ok() ? pages->value : 0;
            waiting.gate.post(here);
        }
    }
    EXPECT(test, waiting.in_time);
    EXPECT_GT(test, trimmed, 0u);
}

}  // namespace fathom
