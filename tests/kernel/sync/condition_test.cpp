// Condition: no notify after the mutex was let go is missed.
//
// What would break without it: a wait that unlocks before it queues (the notify in between is lost
// and the thread sleeps for ever), a notify_all that forgets one.

#include <runner/test.hpp>

#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <sched/clock.hpp>
#include <sync/condition.hpp>
#include <sync/event.hpp>

namespace fathom {

KERNEL_TEST("sync: producers and consumers on a condition lose no item") {
    constexpr unsigned kItems = 400;
    constexpr unsigned kRoom = 3;
    Mutex mutex;
    Condition not_full;
    Condition not_empty;
    unsigned queued = 0;
    unsigned produced = 0;
    std::atomic<unsigned> consumed = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        for (unsigned item = 0; item < kItems; ++item) {
            MutexHeld held{mutex, inner};
            if (number % 2 == 0) {
                while (queued == kRoom) {
                    not_full.wait(mutex, inner);
                }
                ++queued;
                ++produced;
                not_empty.notify_one(inner);
            } else {
                while (queued == 0) {
                    not_empty.wait(mutex, inner);
                }
                --queued;
                consumed.fetch_add(1);
                not_full.notify_one(inner);
            }
            EXPECT(test, mutex.is_held_by_current());
            EXPECT_LE(test, queued, kRoom);
        }
    });
    crew.start(6, {.name = "worker"});
    crew.join();
    EXPECT_EQ(test, produced, 3 * kItems);
    EXPECT_EQ(test, consumed.load(), 3 * kItems);
    EXPECT_EQ(test, queued, 0u);
}

KERNEL_TEST("sync: an atomic section notifies one waiter, and sets an event") {
    Mutex mutex;
    Condition condition;
    Event passed;
    bool ready = false;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        {
            MutexHeld held{mutex, inner};
            while (!ready) {
                condition.wait(mutex, inner);
            }
        }
        PreemptOff atomic{inner, window<1024>};
        passed.set(static_cast<Atomic>(atomic));
    });
    crew.start(1, {.name = "waiter"});
    {
        MutexHeld held{mutex, here};
        ready = true;
        PreemptOff atomic{here, window<1024>};
        condition.notify_one(static_cast<Atomic>(atomic));
    }
    passed.wait(here);
    crew.join();
    EXPECT(test, passed.is_set());
}

KERNEL_TEST("sync: notify_all wakes all that wait, from an atomic section, too") {
    constexpr unsigned kWaiters = 8;
    Mutex mutex;
    Condition condition;
    unsigned waiting = 0;
    unsigned generation = 0;
    std::atomic<unsigned> passed = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < 3; ++turn) {
            MutexHeld held{mutex, inner};
            const unsigned mine = generation;
            ++waiting;
            while (generation == mine) {
                condition.wait(mutex, inner);
            }
            passed.fetch_add(1);
        }
    });
    crew.start(kWaiters, {.name = "waiter"});
    for (unsigned turn = 0; turn < 3; ++turn) {
        for (bool all = false; !all;) {
            sleep_for(50'000, here);
            MutexHeld held{mutex, here};
            all = waiting == kWaiters * (turn + 1);
        }
        {
            MutexHeld held{mutex, here};
            ++generation;
        }
        if (turn == 1) {
            PreemptOff atomic{here, window<1024>};
            condition.notify_all(static_cast<Atomic>(atomic));
        } else {
            condition.notify_all(here);
        }
    }
    crew.join();
    EXPECT_EQ(test, passed.load(), 3 * kWaiters);
}

KERNEL_TEST("sync: a timed wait on a condition ends on time, with the mutex held") {
    Mutex mutex;
    Condition condition;
    MutexHeld held{mutex, here};
    const std::uint64_t begin = now_ns();
    EXPECT(test, condition.wait_until(mutex, begin + 300'000, here) == WakeReason::timed_out);
    EXPECT_GE(test, now_ns() - begin, 300'000u);
    EXPECT(test, mutex.is_held_by_current());
    // Who has given up must not take a notify from others.
    condition.notify_one(here);
    EXPECT(test, condition.wait_until(mutex, now_ns() + 100'000, here) == WakeReason::timed_out);
}

}  // namespace fathom
