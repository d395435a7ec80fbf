// Semaphore and Event: units are neither lost nor made, waiting ends in time.
//
// What would break without it: a post that wakes nobody or two, a timeout that swallows a unit, an
// event that is missed by who comes late.

#include <runner/test.hpp>

#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <sched/clock.hpp>
#include <sched/timer_queue.hpp>
#include <sync/event.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

struct PostingTimer : Timer {
    explicit PostingTimer(Semaphore& target)
        : Timer(callable<CallClass::timer, &PostingTimer::ring>()), semaphore(target) {}
    static void ring(Timer& timer, IrqsDisabled irqs) {
        static_cast<PostingTimer&>(timer).semaphore.post(static_cast<Atomic>(irqs));
    }
    Semaphore& semaphore;
};

}  // namespace

KERNEL_TEST("sync: a semaphore counts exactly, with many on both sides") {
    constexpr unsigned kUnits = 500;
    Semaphore semaphore{0};
    std::atomic<unsigned> taken = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        for (unsigned unit = 0; unit < kUnits; ++unit) {
            if (number % 2 == 0) {
                semaphore.post(inner);
            } else if (unit % 5 != 0 || !semaphore.try_wait()) {
                semaphore.wait(inner);
            }
            taken.fetch_add(number % 2);
        }
    });
    crew.start(8, {.name = "counter"});
    crew.join();
    EXPECT_EQ(test, taken.load(), 4 * kUnits);
    EXPECT_EQ(test, semaphore.units(), 0u);
    EXPECT(test, !semaphore.try_wait());
}

KERNEL_TEST("sync: a semaphore's first units are there without waiting") {
    Semaphore semaphore{3};
    EXPECT_EQ(test, semaphore.units(), 3u);
    semaphore.wait(here);
    EXPECT(test, semaphore.try_wait());
    EXPECT_OK(test, semaphore.wait_until(0, here));  // there is one: no matter how late
    EXPECT(test, !semaphore.try_wait());
}

KERNEL_TEST("sync: a timed wait for a unit gives up on time and takes nothing") {
    Semaphore semaphore{0};
    const std::uint64_t begin = now_ns();
    EXPECT_ERROR(test, semaphore.wait_until(begin + 400'000, here), Error::timed_out);
    EXPECT_GE(test, now_ns() - begin, 400'000u);
    semaphore.post(here);
    EXPECT_EQ(test, semaphore.units(), 1u);
    EXPECT_OK(test, semaphore.wait_until(now_ns() + 400'000, here));
}

KERNEL_TEST("sync: timeouts that race with posts lose no unit") {
    constexpr unsigned kTurns = 150;
    Semaphore semaphore{0};
    std::atomic<unsigned> got = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            if (number < 2) {
                semaphore.post(inner);
                sleep_for(3'000 + turn % 11 * 700, inner);
            } else {
                const std::uint64_t patience = 2'000 + (turn * 5 + number) % 13 * 900;
                got.fetch_add(semaphore.wait_until(now_ns() + patience, inner).ok());
            }
        }
    });
    crew.start(5, {.name = "racer"});
    crew.join();
    EXPECT_EQ(test, got.load() + semaphore.units(), 2 * kTurns);
}

KERNEL_TEST("sync: a post from an interrupt or an atomic section wakes who waits") {
    Semaphore semaphore{0};
    PostingTimer timer(semaphore);
    timer.set(arch::read_cycles() + ns_to_cycles(200'000), here);
    semaphore.wait(here);
    EXPECT(test, !timer.cancel(here));
    {
        IrqsOff atomic{here, window<1024>};
        semaphore.post(static_cast<Atomic>(atomic));
    }
    semaphore.wait(here);
    timer.set(arch::read_cycles() + ns_to_cycles(60'000'000'000), here);
    EXPECT(test, timer.cancel(here));
    EXPECT(test, !semaphore.try_wait());
}

KERNEL_TEST("sync: an event lets all pass who wait, and all who come later") {
    Event event;
    std::atomic<unsigned> passed = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        event.wait(inner);
        passed.fetch_add(1);
    });
    crew.start(5, {.name = "early"});
    sleep_for(500'000, here);
    EXPECT_EQ(test, passed.load(), 0u);
    EXPECT(test, !event.is_set());
    event.set(here);
    EXPECT(test, event.is_set());
    crew.start(5, {.name = "late"});
    crew.join();
    EXPECT_EQ(test, passed.load(), 10u);
    event.wait(here);
    event.set(here);  // again: nothing
}

}  // namespace fathom
