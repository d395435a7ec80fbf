// Who runs when: taking turns, being preempted by time and by a wake, sleeping.
//
// What would break without it: a busy thread that keeps its CPU for ever, an urgent thread that
// waits for the end of a slice, a yield that comes straight back, a sleep that ends early or never.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <sched/clock.hpp>
#include <sync/event.hpp>
#include <sync/semaphore.hpp>

namespace fathom {

KERNEL_TEST("sched: a thread that never gives up the CPU is preempted by time") {
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    std::atomic<bool> started = false;
    std::atomic<bool> end = false;
    Crew crew(test, here, [&](Preemptible, unsigned) {
        started.store(true);
        while (!end.load(std::memory_order_relaxed)) {
        }
    });
    crew.start({.name = "greedy", .affinity = 1});
    while (!started.load(std::memory_order_relaxed)) {
        // No yield: the new thread has to take the CPU from us.
    }
    yield(here);  // and we get it back only by preemption
    end.store(true);
    crew.join();
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

KERNEL_TEST("sched: an urgent thread that is woken runs before its waker goes on") {
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    Semaphore wake{0};
    std::atomic<unsigned> ran = 0;
    constexpr unsigned kTurns = 20;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            wake.wait(inner);
            ran.fetch_add(1);
        }
    });
    crew.start({.name = "urgent", .priority = Priority::urgent, .affinity = 1});
    for (unsigned turn = 0; turn < kTurns; ++turn) {
        EXPECT_EQ(test, ran.load(), turn);
        wake.post(here);
        EXPECT_EQ(test, ran.load(), turn + 1);
    }
    crew.join();
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

KERNEL_TEST("sched: an urgent thread preempts a busy one on another CPU") {
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    Semaphore wake{0};
    std::atomic<bool> end = false;
    std::atomic<unsigned> ran = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        if (number == 0) {
            while (!end.load()) {
            }
            return;
        }
        for (unsigned turn = 0; turn < 5; ++turn) {
            wake.wait(inner);
            ran.fetch_add(1);
        }
    });
    crew.start({.name = "busy", .priority = Priority::high, .affinity = 2});
    crew.start({.name = "urgent", .priority = Priority::urgent, .affinity = 2});
    sleep_for(1'000'000, here);
    for (unsigned turn = 0; turn < 5; ++turn) {
        wake.post(here);
        while (ran.load() != turn + 1) {
            arch::spin_hint();
        }
    }
    end.store(true);
    crew.join();
    EXPECT_EQ(test, ran.load(), 5u);
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

KERNEL_TEST("sched: threads that yield take turns") {
    if (!test.time_is_counted()) {
        SKIP(test, "needs a clock that stands still while the host does something else");
    }
    constexpr unsigned kThreads = 3;
    constexpr unsigned kTurns = 3000;
    static std::uint8_t order[kTurns];
    std::atomic<unsigned> next = 0;
    Event all_exist;  // eager stacks take their time, and whoever runs meanwhile gets ahead
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        all_exist.wait(inner);
        for (unsigned turn = next.fetch_add(1); turn < kTurns; turn = next.fetch_add(1)) {
            order[turn] = static_cast<std::uint8_t>(number);
            yield(inner);
        }
    });
    crew.start(kThreads, {.name = "polite", .affinity = 1});
    all_exist.set(here);
    crew.join();
    // Who is a quantum ahead lets the others take turns until they are, too: so nobody comes twice
    // in a row (but where a slice ends), and in the long run all come as often.
    unsigned twice_in_a_row = 0;
    unsigned turns[kThreads] = {};
    for (unsigned turn = 0; turn < kTurns; ++turn) {
        ++turns[order[turn]];
        twice_in_a_row += turn != 0 && order[turn] == order[turn - 1];
    }
    EXPECT_LE(test, twice_in_a_row, 6u);
    for (const unsigned its_turns : turns) {
        EXPECT_GE(test, its_turns, kTurns / kThreads / 2);
    }
}

KERNEL_TEST("sched: a sleep is never too short, and little too long") {
    const bool exact = test.time_is_counted();
    for (const std::uint64_t ns : {10'000ull, 100'000ull, 1'000'000ull, 5'000'000ull}) {
        const std::uint64_t begin = now_ns();
        sleep_for(ns, here);
        const std::uint64_t slept = now_ns() - begin;
        EXPECT_GE(test, slept, ns);
        if (exact) {
            // aarch64's counted instruction takes 16 ns: some thousands of them.
            EXPECT_LE(test, slept, ns + 200'000);
        }
    }
    const std::uint64_t past = now_ns() - 1000;
    sleep_until(past, here);  // returns
}

KERNEL_TEST("sched: sleepers wake in the order of their deadlines") {
    if (!test.time_is_counted()) {
        SKIP(test, "needs a clock that stands still while the host does something else");
    }
    constexpr unsigned kSleepers = 8;
    static unsigned order[kSleepers];
    std::atomic<unsigned> next = 0;
    // Eager stacks take their time: the deadlines begin when all sleepers exist.
    Event all_exist;
    std::uint64_t begin = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        all_exist.wait(inner);
        sleep_until(begin + (number * 5 % kSleepers) * 500'000, inner);
        order[next.fetch_add(1)] = number * 5 % kSleepers;
    });
    crew.start(kSleepers, {.name = "sleeper"});
    begin = now_ns() + 2'000'000;
    all_exist.set(here);
    crew.join();
    for (unsigned i = 0; i < kSleepers; ++i) {
        EXPECT_EQ(test, order[i], i);
    }
}

}  // namespace fathom
