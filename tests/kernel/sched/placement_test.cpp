// On which CPU a thread runs: affinity, wake-up placement, being moved.
//
// What would break without it: a thread that runs where it must not, one that waits for a busy CPU
// while another is idle, a move that loses the thread.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/where.hpp>
#include <sched/clock.hpp>
#include <sync/event.hpp>
#include <sync/semaphore.hpp>

namespace fathom {

KERNEL_TEST("sched: a thread runs only on the CPUs of its affinity") {
    const unsigned cpus = online_cpu_count();
    Crew crew(test, here, [&test, cpus](Preemptible inner, unsigned number) {
        for (unsigned turn = 0; turn < 50; ++turn) {
            EXPECT_EQ(test, current_cpu(inner), number % cpus);
            if (turn % 8 == 0) {
                sleep_for(100'000, inner);
            } else {
                yield(inner);
            }
        }
    });
    for (unsigned number = 0; number < 2 * cpus && number < 16; ++number) {
        crew.start({.name = "pinned", .affinity = CpuMask{1} << (number % cpus)});
    }
}

KERNEL_TEST("sched: set_affinity has moved the running thread when it returns") {
    const unsigned cpus = online_cpu_count();
    const ThreadId self = current_thread().id();
    for (unsigned turn = 0; turn < 40; ++turn) {
        const unsigned target = turn * 3 % cpus;
        EXPECT_OK(test, set_affinity(self, CpuMask{1} << target, here));
        EXPECT_EQ(test, current_cpu(here), target);
    }
    EXPECT_OK(test, set_affinity(self, kAllCpus, here));
}

KERNEL_TEST("sched: set_affinity moves threads that run, wait or sleep") {
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    std::atomic<bool> end = false;
    std::atomic<std::uint32_t> seen[4] = {};
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        while (!end.load()) {
            seen[number].store(current_cpu(inner));
            if (number == 3) {
                sleep_for(200'000, inner);
            }
        }
    });
    crew.start(4, {.name = "moved", .affinity = 1});
    for (unsigned turn = 0; turn < 10; ++turn) {
        const unsigned target = turn % 2;
        for (unsigned number = 0; number < 4; ++number) {
            EXPECT_OK(test, set_affinity(crew.id(number), CpuMask{1} << target, here));
        }
        for (unsigned tries = 0; tries < 500; ++tries) {
            unsigned there = 0;
            for (const auto& cpu : seen) {
                there += cpu.load() == target;
            }
            if (there == 4) {
                break;
            }
            sleep_for(200'000, here);
        }
        for (const auto& cpu : seen) {
            EXPECT_EQ(test, cpu.load(), target);
        }
    }
    end.store(true);
}

namespace {

/// Says that it runs, and spins until `end`.
void keep_busy(std::atomic<bool>& running, const std::atomic<bool>& end) {
    running.store(true);
    while (!end.load()) {
        arch::spin_hint();
    }
}

}  // namespace

KERNEL_TEST("sched: a thread woken while its CPU is busy goes to an idle one") {
    if (online_cpu_count() < 4) {
        SKIP(test, "needs four CPUs");
    }
    EXPECT_OK(test, set_affinity(current_thread().id(), 2, here));
    std::atomic<bool> end = false;
    std::atomic<bool> busy = false;
    Crew hog(test, here, [&](Preemptible, unsigned) { keep_busy(busy, end); });
    Semaphore wake{0};
    Semaphore woken{0};
    std::uint32_t ran_on = 0;
    unsigned went_elsewhere = 0;
    Crew sleeper(test, here, [&](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < 6; ++turn) {
            wake.wait(inner);
            ran_on = current_cpu(inner);
            woken.post(inner);
        }
    });
    sleeper.start({.name = "sleeper", .affinity = 1});
    for (unsigned turn = 0; turn < 6; ++turn) {
        if (turn == 1) {
            hog.start({.name = "hog", .priority = Priority::high, .affinity = 1});
            EXPECT_OK(test, set_affinity(sleeper.id(0), 1 | 4 | 8, here));
        }
        do {
            sleep_for(2'000'000, here);  // it waits, and the hog runs
        } while (turn != 0 && !busy.load());
        wake.post(here);
        woken.wait(here);
        EXPECT(test, turn != 0 || ran_on == 0);
        went_elsewhere += ran_on != 0;
    }
    end.store(true);
    // In real time the other two CPUs may happen to be at work for the kernel: not each time.
    EXPECT_GE(test, went_elsewhere, test.time_is_counted() ? 5u : 1u);
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

KERNEL_TEST("sched: threads that are moved all the time keep what they had") {
    const unsigned cpus = online_cpu_count();
    std::atomic<unsigned> running = 4;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        std::uint64_t sum = 0;
        for (std::uint64_t turn = 0; turn < 4'000; ++turn) {
            sum += turn * (number + 1);
            if (turn % 16 == 0) {
                yield(inner);
            }
        }
        EXPECT_EQ(test, sum, (number + 1) * (4'000ull * 3'999 / 2));
        running.fetch_sub(1);
    });
    crew.start(4, {.name = "moved"});
    for (unsigned turn = 0; running.load() != 0; ++turn) {
        const CpuMask target = CpuMask{1} << (turn / 4 % cpus);
        static_cast<void>(set_affinity(crew.id(turn % 4), target, here));
        yield(here);
    }
}

}  // namespace fathom
