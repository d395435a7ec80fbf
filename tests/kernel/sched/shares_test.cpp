// How much of the CPUs each thread gets.
//
// What would break without it: a weight that is not kept, a virtual time that a sleep or a move
// spoils, a thread that stays behind on a busy CPU while another CPU has nothing to do.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/where.hpp>
#include <sched/clock.hpp>
#include <sync/event.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr std::uint64_t kTickNs = 1'000'000;

/// Busy threads that start together and report what they have got.
struct Busy {
    Event begin;  // blocked until then: who was created first must not have run longer
    std::atomic<bool> end = false;
    Semaphore leave{0};

    void run(Preemptible here) {
        begin.wait(here);
        // QEMU turns to the next CPU at each hint, which takes it as long as 1,000 instructions.
        for (unsigned turn = 1; !end.load(std::memory_order_relaxed); ++turn) {
            if (turn % 256 == 0) {
                arch::spin_hint();
            }
        }
        leave.wait(here);  // blocked, so that the cycles are up to date
    }
    void leave_all(unsigned threads, Preemptible here) {
        for (unsigned i = 0; i < threads; ++i) {
            leave.post(here);
        }
    }
};

std::uint64_t cycles_of(ThreadId id, Preemptible here) {
    for (;;) {
        const auto status = thread_status(id, here);
        if (!status.ok()) {
            return 0;
        }
        if (status->state == ThreadState::blocked) {
            return status->cpu_cycles;
        }
        sleep_for(kTickNs / 4, here);
    }
}

/// Whether `part` of `whole` is `expected` per cent, within 3.
void expect_share(TestContext& test, std::uint64_t part, std::uint64_t whole,
                  std::uint64_t expected) {
    const std::uint64_t percent_times_10 = part * 1000 / whole;
    EXPECT_GE(test, percent_times_10, expected - 30);
    EXPECT_LE(test, percent_times_10, expected + 30);
}

template <typename Crew>
std::uint64_t run_for_ticks(Busy& busy, unsigned ticks, Crew&, Preemptible here) {
    sleep_for(2 * kTickNs, here);
    const std::uint64_t begin = arch::read_cycles();
    busy.begin.set(here);
    sleep_for(ticks * kTickNs, here);
    busy.end.store(true);
    return arch::read_cycles() - begin;
}

}  // namespace

KERNEL_TEST("sched: three priorities share a CPU as 1 to 2 to 4, within 3 %") {
    if (!test.time_is_counted()) {
        SKIP(test, "needs a clock that stands still while the host does something else");
    }
    Busy busy;
    Crew crew(test, here, [&](Preemptible inner, unsigned) { busy.run(inner); });
    constexpr Priority kLevels[] = {Priority::low, Priority::normal, Priority::high};
    for (const Priority priority : kLevels) {
        crew.start({.name = "busy", .priority = priority, .affinity = 1});
    }
    run_for_ticks(busy, 100, crew, here);
    std::uint64_t cycles[3];
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 3; ++i) {
        cycles[i] = cycles_of(crew.id(i), here);
        sum += cycles[i];
    }
    expect_share(test, cycles[0], sum, 1000 / 7);
    expect_share(test, cycles[1], sum, 2000 / 7);
    expect_share(test, cycles[2], sum, 4000 / 7);
    busy.leave_all(3, here);
}

KERNEL_TEST("sched: as many busy threads as CPUs have a CPU each") {
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    if (!test.time_is_counted()) {
        SKIP(test, "needs a clock that stands still while the host does something else");
    }
    const unsigned cpus = online_cpu_count();
    Busy busy;
    Crew crew(test, here, [&](Preemptible inner, unsigned) { busy.run(inner); });
    for (unsigned i = 0; i < cpus; ++i) {  // all on one CPU, and then let go
        crew.start({.name = "busy", .affinity = 1});
    }
    for (unsigned i = 0; i < cpus; ++i) {
        EXPECT_OK(test, set_affinity(crew.id(i), kAllCpus, here));
    }
    const std::uint64_t elapsed = run_for_ticks(busy, 50, crew, here);
    for (unsigned i = 0; i < cpus; ++i) {
        EXPECT_GE(test, cycles_of(crew.id(i), here), elapsed * 80 / 100);
    }
    busy.leave_all(cpus, here);
}

KERNEL_TEST("sched: more threads than CPUs get equal shares of all CPUs") {
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    if (!test.time_is_counted()) {
        SKIP(test, "needs a clock that stands still while the host does something else");
    }
    const unsigned cpus = online_cpu_count() < 8 ? online_cpu_count() : 8;
    const unsigned threads = cpus + cpus / 2;  // a number that no fixed placement divides fairly
    const CpuMask all = (CpuMask{1} << cpus) - 1;
    Busy busy;
    Crew crew(test, here, [&](Preemptible inner, unsigned) { busy.run(inner); });
    crew.start(threads, {.name = "busy", .affinity = all});
    run_for_ticks(busy, 200, crew, here);
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < threads; ++i) {
        sum += cycles_of(crew.id(i), here);
    }
    for (unsigned i = 0; i < threads; ++i) {
        const std::uint64_t share = cycles_of(crew.id(i), here) * threads * 100 / sum;
        EXPECT_GE(test, share, 85u);
        EXPECT_LE(test, share, 115u);
    }
    busy.leave_all(threads, here);
}

}  // namespace fathom
