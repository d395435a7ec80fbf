// Mutex: one holder at a time, nobody starves, a timeout gives up.
//
// What would break without it: two holders at once, an unlock that wakes nobody, a timeout that
// leaves the thread in the queue (the mutex would later be handed to somebody who is gone).

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <sched/clock.hpp>
#include <sync/mutex.hpp>
#include <sync/semaphore.hpp>

namespace fathom {

KERNEL_TEST("sync: a mutex has one holder at a time, whatever happens in between") {
    constexpr unsigned kTurns = 500;
    const unsigned threads = 2 * online_cpu_count();
    Mutex mutex;
    unsigned holders = 0;
    unsigned most = 0;
    std::uint64_t count = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            MutexHeld held{mutex, inner};
            EXPECT(test, mutex.is_held_by_current());
            most = ++holders > most ? holders : most;
            const std::uint64_t seen = count;
            if ((turn + number) % 50 == 0) {
                yield(inner);
            } else if ((turn + number) % 170 == 1) {
                sleep_for(20'000, inner);
            }
            count = seen + 1;
            --holders;
        }
    });
    crew.start(threads, {.name = "locker"});
    crew.join();
    EXPECT_EQ(test, most, 1u);
    EXPECT_EQ(test, count, std::uint64_t{kTurns} * threads);
    EXPECT(test, mutex.try_lock(here));
    EXPECT(test, !mutex.try_lock(here));
    mutex.unlock(here);
    EXPECT(test, !mutex.is_held_by_current());
}

KERNEL_TEST("sync: an unlocked mutex goes to those who wait, in order of arrival") {
    constexpr unsigned kWaiters = 6;
    static unsigned order[kWaiters];
    std::atomic<unsigned> next = 0;
    Mutex mutex;
    mutex.lock(here);
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        MutexHeld held{mutex, inner};
        order[next.fetch_add(1)] = number;
    });
    for (unsigned number = 0; number < kWaiters; ++number) {
        const ThreadId id = crew.start({.name = "waiter"});
        for (auto status = thread_status(id, here);
             status.ok() && status->state != ThreadState::blocked;
             status = thread_status(id, here)) {
            sleep_for(50'000, here);
        }
    }
    mutex.unlock(here);
    crew.join();
    for (unsigned number = 0; number < kWaiters; ++number) {
        EXPECT_EQ(test, order[number], number);
    }
}

KERNEL_TEST("sync: a mutex that is not let go in time is given up, and works on") {
    Mutex mutex;
    mutex.lock(here);
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        const std::uint64_t begin = now_ns();
        const auto locked = mutex.lock_until(begin + 500'000 * (number + 1), inner);
        EXPECT_ERROR(test, locked, Error::timed_out);
        EXPECT_GE(test, now_ns() - begin, 500'000u * (number + 1));
        EXPECT(test, !mutex.is_held_by_current());
    });
    crew.start(4, {.name = "impatient"});
    crew.join();
    mutex.unlock(here);
    EXPECT_OK(test, mutex.lock_until(now_ns() + 1'000'000, here));
    mutex.unlock(here);
    mutex.lock(here);
    mutex.unlock(here);
}

KERNEL_TEST("sync: a mutex let go in time is held by who waited with a timeout") {
    Mutex mutex;
    mutex.lock(here);
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        EXPECT_OK(test, mutex.lock_until(now_ns() + 60'000'000'000, inner));
        EXPECT(test, mutex.is_held_by_current());
        mutex.unlock(inner);
    });
    crew.start(3, {.name = "patient"});
    sleep_for(500'000, here);
    mutex.unlock(here);
}

KERNEL_TEST("sync: timeouts that race with a hand-over lose no mutex, no thread") {
    Mutex mutex;
    std::atomic<unsigned> held = 0;
    std::atomic<unsigned> gave_up = 0;
    constexpr unsigned kTurns = 100;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            const std::uint64_t patience = 1'000 + (turn * 7 + number * 13) % 40 * 500;
            if (mutex.lock_until(now_ns() + patience, inner).ok()) {
                EXPECT(test, mutex.is_held_by_current());
                held.fetch_add(1);
                if (turn % 3 == 0) {
                    sleep_for(10'000, inner);
                }
                mutex.unlock(inner);
            } else {
                gave_up.fetch_add(1);
            }
        }
    });
    crew.start(6, {.name = "racer"});
    crew.join();
    EXPECT_EQ(test, held.load() + gave_up.load(), 6 * kTurns);
    EXPECT_GT(test, held.load(), 0u);
    EXPECT(test, mutex.try_lock(here));
    mutex.unlock(here);
}

}  // namespace fathom
