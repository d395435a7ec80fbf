// Threads that come and go leave nothing behind.
//
// What would break without it: a frame, a table, a control block or a slot that one in a hundred
// thousand exits forgets: joined, detached, or ended before it was joined.

#include <runner/test.hpp>

#include <build_options.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>

namespace fathom {
namespace {

constexpr unsigned kBatch = 40;

void touch_some_pages(Preemptible, void* argument) {
    const auto pages = reinterpret_cast<std::uintptr_t>(argument);
    for (unsigned depth = 0; depth < pages; ++depth) {
        stack_byte(*current_thread().stack, depth) = std::byte{1};
    }
}

void wait_for_thread_count(std::size_t count, Preemptible here) {
    for (unsigned tries = 0; thread_count() > count && tries < 1000; ++tries) {
        sleep_for(200'000, here);
    }
}

/// One of the ways in which a thread can come and go, chosen by `number`.
void start_one(TestContext& test, unsigned number, ThreadId& to_join, Preemptible here) {
    const ThreadAttributes attributes{.name = "passer-by",
                                      .stack_bytes = KiB(16) << (number % 3 * 3),
                                      .detached = number % 4 == 1};
    const auto id = spawn_application<touch_some_pages>(
        attributes, reinterpret_cast<void*>(std::uintptr_t{number % 4}), here);
    ASSERT_OK(test, id);
    if (number % 4 == 2) {
        EXPECT_OK(test, detach_thread(*id, here));
    } else if (!attributes.detached) {
        to_join = *id;
    }
}

void come_and_go(TestContext& test, unsigned threads, Preemptible here) {
    const std::size_t living = thread_count();
    for (unsigned done = 0; done < threads && test.failures() == 0; done += kBatch) {
        ThreadId to_join[kBatch] = {};
        for (unsigned i = 0; i < kBatch; ++i) {
            start_one(test, done + i, to_join[i], here);
        }
        for (const ThreadId id : to_join) {
            if (id.value != 0) {
                EXPECT_OK(test, join_thread(id, here));
            }
        }
        wait_for_thread_count(living, here);
    }
    EXPECT_EQ(test, thread_count(), living);
}

void expect_no_leak(TestContext& test, unsigned threads, Preemptible here) {
    come_and_go(test, 10 * kBatch, here);  // slot records and the thread table stay
    const std::size_t before = available_frames(here);
    come_and_go(test, threads, here);
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

}  // namespace

KERNEL_TEST("sched: 20,000 threads (in real time 1,000) leak no frame",
            .deadline_millions = 4'000) {
    // Each end of a stack interrupts the other CPUs, for which a loaded host takes its time.
    expect_no_leak(test, test.time_is_counted() ? 20'000 : 1'000, here);
}

KERNEL_TEST("sched: 200,000 threads come and go and leak no frame", .deadline_millions = 40'000) {
    if (online_cpu_count() != 1 || kStackInvariants || kHardened) {
        SKIP(test, "long: the plain build on one CPU does it");
    }
    expect_no_leak(test, 200'000, here);
}

}  // namespace fathom
