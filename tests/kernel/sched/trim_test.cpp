// Trimming: what parked threads do not need goes back, and they never notice.
//
// What would break without it: a burst of deep recursion that costs memory for as long as its
// threads live; a page taken that a thread's switch-out code relies on, or that its prefault has
// just touched; a wake-up that comes while its thread is being trimmed, and is lost.

#include <runner/test.hpp>

#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <sched/clock.hpp>
#include <sched/trim.hpp>
#include <sweep/sweep.hpp>
#include <sync/event.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr unsigned kThreads = 20;  // more than one batch
constexpr unsigned kDeep = 100;    // frames of about a page

/// Goes `depth` frames of most of a page down and checks each on the way back.
[[gnu::noinline]] bool go_deep(unsigned depth) {
    volatile std::uint8_t frame[1900];
    frame[0] = static_cast<std::uint8_t>(depth);
    frame[sizeof frame - 1] = static_cast<std::uint8_t>(depth + 1);
    asm volatile("" : : "r"(frame) : "memory");  // or the compiler makes it a loop
    const bool below = depth == 0 || go_deep(depth - 1);
    return below && frame[0] == static_cast<std::uint8_t>(depth) &&
           frame[sizeof frame - 1] == static_cast<std::uint8_t>(depth + 1);
}

struct Burst {
    Event go;
    Semaphore parked{0};
    std::atomic<unsigned> pages_before = 0;
    std::atomic<unsigned> pages_kept = 0;
    std::atomic<bool> intact = true;
};

/// Deep, parked, deep again: what stands above sp survives the trimming in between.
void burst_and_park(Burst& burst, Preemptible here) {
    volatile std::uint64_t mine = current_thread().id().value;
    if (!go_deep(2 * kDeep)) {
        burst.intact.store(false);
    }
    const mm::ThreadStack& stack = *current_thread().stack;
    burst.pages_before.fetch_add(static_cast<unsigned>(stack.populated().value));
    burst.parked.post(here);
    burst.go.wait(here);
    burst.pages_kept.fetch_add(static_cast<unsigned>(stack.populated().value));
    if (mine != current_thread().id().value || !go_deep(kDeep)) {
        burst.intact.store(false);
    }
}

void wait_for_it(Preemptible here, void* semaphore) {
    static_cast<Semaphore*>(semaphore)->wait(here);
}

}  // namespace

KERNEL_TEST("sched: trimming brings 95 of 100 pages back after a burst") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const std::size_t before_all = available_frames(here);
    Burst burst;
    {
        Crew crew(test, here, [&burst](Preemptible inner, unsigned) {
            burst_and_park(burst, inner);
        });
        crew.start(kThreads, {.name = "burst"});
        for (unsigned thread = 0; thread < kThreads; ++thread) {
            burst.parked.wait(here);
        }
        touch_own_stack(8);
        sleep_for(1'000'000, here);  // until the last of them has parked
        const std::size_t frames = available_frames(here);
        const PageCount trimmed = trim_stacks(here);
        // The runner's thread is parked as well, in its join.
        EXPECT_EQ(test, available_frames(here), frames + trimmed.value);
        EXPECT_EQ(test, trim_stacks(here).value, 0u);
        burst.go.set(here);
    }
    EXPECT(test, burst.intact.load());
    const unsigned spare = burst.pages_before.load() - 2 * kThreads;
    const unsigned returned = burst.pages_before.load() - burst.pages_kept.load();
    EXPECT_GT(test, spare, kThreads * kDeep / 2);
    EXPECT_GE(test, returned * 100, spare * 95);
    EXPECT_EQ(test, frames_return_to(before_all, here), before_all);
}

KERNEL_TEST("sched: a thread that trims itself loses only what lies below sp") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const mm::ThreadStack& stack = *current_thread().stack;
    volatile std::uint64_t mine = 42;
    for (unsigned round = 0; round < 5; ++round) {
        EXPECT(test, go_deep(kDeep));
        const PageCount before = stack.populated();
        const auto trimmed = trim_thread(current_thread().id(), here);
        ASSERT_OK(test, trimmed);
        EXPECT_EQ(test, stack.populated().value, before.value - trimmed->value);
        EXPECT_GE(test, trimmed->value, kDeep / 3);
        EXPECT_EQ(test, mine, 42u);
    }
}

KERNEL_TEST("sched: a thread that is gone or the kernel's own is not trimmed") {
    EXPECT_ERROR(test, trim_thread(ThreadId{~std::uint64_t{0}}, here), Error::not_found);
    Semaphore go{0};
    const auto kernel = spawn_kernel<wait_for_it>({.name = "kernel"}, &go, here);
    ASSERT_OK(test, kernel);
    const auto trimmed = trim_thread(*kernel, here);
    ASSERT_OK(test, trimmed);
    EXPECT_EQ(test, trimmed->value, 0u);
    go.post(here);
    EXPECT_OK(test, join_thread(*kernel, here));
}

namespace {

struct Sections {
    std::atomic<bool>& stop;
    std::atomic<std::uint64_t> done = 0;
};

/// Sections at the very end of a page, one after the other, each touching its window.
void enter_sections(void* argument) {
    auto& sections = *static_cast<Sections*>(argument);
    const Preemptible here = Preemptible::at_api_boundary();
    while (!sections.stop.load(std::memory_order_relaxed)) {
        PreemptOff atomic{here, window<1024>};
        const VirtAddr low{arch::stack_pointer() - 1000};
        static_cast<void>(load(*low.as<volatile std::byte>()));
        sections.done.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace

// Most of their time is spent between the load and the section: a thread that is trimmed there must
// load again.
KERNEL_TEST("sched: threads that are trimmed before a section prefault again") {
    std::atomic<bool> stop = false;
    std::atomic<std::uint64_t> done = 0;
    std::uint64_t trimmed = 0;
    {
        Crew crew(test, here, [&](Preemptible, unsigned number) {
            Sections sections{stop};
            touch_own_stack(4);
            const std::uint64_t page = align_down(arch::stack_pointer(), kPageSize);
            fathom_call_at(page - 4 * kPageSize + 256 + 32 * number,
                           callable<CallClass::call_at, enter_sections>(), &sections);
            done.fetch_add(sections.done.load());
        });
        // All on one CPU: they are parked most of the time, and wherever they are interrupted.
        crew.start(4, {.name = "sections",
                       .affinity = CpuMask{1} << (online_cpu_count() - 1)});
        // In real time it may take the threads some rounds to be there at all. Of a policy that
        // leaves them a window, they lose nothing.
        constexpr bool loses = kLazyStacks && StackPolicy::kKeptWhilePreemptible == 0;
        for (unsigned round = 0; round < 300 || (trimmed <= 20 && loses); ++round) {
            trimmed += trim_stacks(here).value;
            yield(here);
        }
        stop.store(true);
    }
    EXPECT_GT(test, done.load(), 1000u);
}

namespace {

struct PingPong {
    Semaphore ping{0};
    Semaphore pong{0};
};

}  // namespace

KERNEL_TEST("sched: wake-ups, moves and exits race with trimming; none is lost",
            .deadline_millions = 4'000) {
    const std::size_t frames = available_frames(here);
    constexpr unsigned kPairs = 4;
    constexpr unsigned kRounds = 150;
    PingPong pairs[kPairs];
    std::atomic<unsigned> finished = 0;
    std::atomic<bool> intact = true;
    {
        Crew crew(test, here, [&](Preemptible inner, unsigned number) {
            PingPong& pair = pairs[number / 2];
            for (unsigned round = 0; round < kRounds; ++round) {
                (number % 2 == 0 ? pair.ping : pair.pong).post(inner);
                (number % 2 == 0 ? pair.pong : pair.ping).wait(inner);
                if (round % 8 == number && !go_deep(10 + round % 16)) {
                    intact.store(false);
                }
                if (round % 16 == number) {
                    sleep_for(20'000, inner);
                }
            }
            finished.fetch_add(1);
        });
        crew.start(2 * kPairs, {.name = "pingpong"});
        for (unsigned turn = 0; finished.load() != 2 * kPairs; ++turn) {
            static_cast<void>(trim_stacks(here));
            const CpuMask mask = turn % 3 == 0 ? kAllCpus : CpuMask{1} << turn % online_cpu_count();
            static_cast<void>(set_affinity(crew.id(turn % (2 * kPairs)), mask, here));
            static_cast<void>(thread_status(crew.id(turn % (2 * kPairs)), here));
            yield(here);
        }
    }
    EXPECT(test, intact.load());
    EXPECT_EQ(test, frames_return_to(frames, here), frames);
}

}  // namespace fathom
