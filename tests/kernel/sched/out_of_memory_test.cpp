// Memory that is out for good: a thread is ended, and everybody else goes on.
//
// What would break without it: a kernel that waits for ever or panics, a joiner that is never told,
// a mutex that nobody can lock again, a timer on a stack that is gone, a thread that is ended while
// it holds what the kernel needs.

#include <runner/test.hpp>

#include <arch/timer.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/no_memory.hpp>
#include <mm/emergency_reserve.hpp>
#include <mm/frame_reserve.hpp>
#include <sched/clock.hpp>
#include <sched/timer_queue.hpp>
#include <sync/event.hpp>
#include <sync/mutex.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr unsigned kLocks = 5;

void never_fires(Timer&, IrqsDisabled) { PANIC("a timer fired whose stack is gone"); }

/// Longer than it takes to end a victim. Poisoning all memory takes long, and so may a loaded host.
std::uint64_t timer_ns(const TestContext& test) {
    return !test.time_is_counted() ? 60'000'000'000 : kHardened ? 6'000'000'000 : 600'000'000;
}

struct Victim {
    std::uint64_t timer_ns;
    Mutex* locks;
    unsigned depth;
    Semaphore* locked;
    Semaphore* go;
    std::atomic<bool> lived = false;
};

/// Locks some mutexes, sets a timer on its stack, and grows until it is ended.
void grow_to_the_end(Preemptible here, void* argument) {
    auto& victim = *static_cast<Victim*>(argument);
    Timer timer(callable<CallClass::timer, &never_fires>());
    timer.set(arch::read_cycles() + ns_to_cycles(victim.timer_ns), here);
    for (unsigned lock = 0; lock < victim.depth; ++lock) {
        victim.locks[lock].lock(here);
    }
    victim.locked->post(here);
    victim.go->wait(here);
    go_down(kTooDeep);
    victim.lived.store(true);
    timer.cancel(here);
}

/// What the threads of one round share.
struct Round {
    Mutex* locks;
    unsigned depth;
    std::atomic<bool> told = false;
};

/// The last mutex that was locked passes to who waits for it.
void wait_for_last(Round& round, Semaphore& waits, Preemptible here) {
    touch_own_stack(4);
    waits.post(here);
    if (round.depth != 0) {
        Mutex& last = round.locks[round.depth - 1];
        last.lock(here);
        round.told.store(!last.state().ok());
        last.recover();
        last.unlock(here);
    }
}

/// The others say so to whoever locks them next.
void check_locks(TestContext& test, Round& round, Preemptible here) {
    for (unsigned lock = 0; lock < kLocks; ++lock) {
        Mutex& mutex = round.locks[lock];
        mutex.lock(here);
        EXPECT_EQ(test, mutex.state().ok(), lock + 1 >= round.depth);
        mutex.recover();
        EXPECT_OK(test, mutex.state());
        mutex.unlock(here);
    }
}

void end_one(TestContext& test, Round& round, Preemptible here) {
    Semaphore locked{0};
    Semaphore go{0};
    Semaphore waits{0};
    Victim victim{timer_ns(test), round.locks, round.depth, &locked, &go};
    Crew waiter(test, here,
                [&](Preemptible inner, unsigned) { wait_for_last(round, waits, inner); });
    const auto thread = spawn_application<grow_to_the_end>({.name = "victim"}, &victim, here);
    ASSERT_OK(test, thread);
    locked.wait(here);
    waiter.start({.name = "waiter"});
    waits.wait(here);
    sleep_for(1'000'000, here);
    {
        NoMemory none(here);
        go.post(here);
        EXPECT_ERROR(test, join_thread(*thread, here), Error::out_of_memory);
    }
    EXPECT(test, !victim.lived.load());
    waiter.join();
    EXPECT_EQ(test, round.told.load(), round.depth != 0);
}

}  // namespace

KERNEL_TEST("sched: out of memory, a thread ends at any depth, mutexes say so",
            .deadline_millions = kHardened ? 40'000 : 4'000) {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const std::size_t frames = available_frames(here);
    Mutex locks[kLocks];
    for (unsigned depth = 0; depth <= kLocks; ++depth) {
        Round round{locks, depth};
        end_one(test, round, here);
        check_locks(test, round, here);
    }
    if (test.time_is_counted()) {
        sleep_for(timer_ns(test), here);  // the timers' deadlines pass
    }
    // The ended threads' control blocks stay: less than two pages.
    EXPECT_LE(test, frames - frames_return_to(frames, here), 2u);
}

namespace {

constexpr unsigned kHolderPages = 12;

/// Locks, and grows in the middle.
void hold_and_grow(KernelMutex& mutex, Semaphore& locked, Event& go, Preemptible here) {
    touch_own_stack(4);
    mutex.lock(here);
    locked.post(here);
    go.wait(here);
    go_down(2 * kHolderPages);
    mutex.unlock(here);
}

}  // namespace

KERNEL_TEST("sched: out of memory, a kernel mutex's holder uses the reserve",
            .deadline_millions = kHardened ? 20'000 : 2'000) {
    if (!kLazyStacks || !test.time_is_counted()) {
        SKIP(test, "needs lazy stacks, and a host that is never late");
    }
    const CpuMask first_cpu = 1;
    KernelMutex mutex;
    Semaphore locked{0};
    Semaphore victim_goes{0};
    Event go;
    Victim victim{timer_ns(test), nullptr, 0, &locked, &victim_goes};
    std::atomic<bool> holder_done = false;
    Crew holder(test, here, [&](Preemptible inner, unsigned) {
        hold_and_grow(mutex, locked, go, inner);
        holder_done.store(true);
    });
    holder.start({.name = "holder", .affinity = first_cpu});
    const auto thread = spawn_application<grow_to_the_end>(
        {.name = "victim", .affinity = first_cpu}, &victim, here);
    ASSERT_OK(test, thread);
    locked.wait(here);
    locked.wait(here);
    static_cast<void>(set_affinity(current_thread().id(), first_cpu, here));
    EXPECT_EQ(test, mm::emergency_frames(), mm::kEmergencyFrames);
    {
        NoMemory none(here);
        victim_goes.post(here);  // takes what this CPU's reserve has, and waits
        sleep_for(10'000'000, here);
        EXPECT(test, !victim.lived.load());
        go.set(here);
        sleep_for(10'000'000, here);  // far less than the patience with which a victim is chosen
        EXPECT(test, holder_done.load());
        EXPECT_LT(test, mm::emergency_frames(), mm::kEmergencyFrames);
        EXPECT_ERROR(test, join_thread(*thread, here), Error::out_of_memory);
    }
    holder.join();
    mm::refill_emergency_reserve(here);
    EXPECT_EQ(test, mm::emergency_frames(), mm::kEmergencyFrames);
    static_cast<void>(set_affinity(current_thread().id(), kAllCpus, here));
}

namespace {

constexpr std::uint64_t kTableBytes = MiB(2);  // what one page table of the last level spans
constexpr unsigned kPagesAbove = 16;

/// A thread that stands so many pages above the first address of which its stack has no table.
struct AboveTable {
    Semaphore parked{0};
    Semaphore go{0};
    const mm::ThreadStack* stack = nullptr;
    VirtAddr edge;
    std::atomic<bool> lived = false;

    /// Pages that are missing down to the edge.
    std::size_t missing() const {
        return (stack->top() - edge) / kPageSize - stack->populated().value;
    }
};

/// Down to `lowest`, then on when it is told.
[[gnu::noinline]] unsigned go_down_to(VirtAddr lowest, AboveTable& above, Preemptible here) {
    volatile std::uint8_t frame[1900];
    frame[0] = 1;
    frame[sizeof frame - 1] = 1;
    asm volatile("" : : "r"(frame) : "memory");  // as in go_down()
    if (arch::stack_pointer() > lowest.value) {
        return go_down_to(lowest, above, here) + frame[0];
    }
    above.parked.post(here);
    above.go.wait(here);
    return go_down(kTooDeep) + frame[0];
}

void cross_into_new_table(Preemptible here, void* argument) {
    auto& above = *static_cast<AboveTable*>(argument);
    above.stack = current_thread().stack;
    const std::uint64_t lowest_edge = above.stack->top().value - kPagesAbove * kPageSize - MiB(1);
    above.edge = {lowest_edge & ~(kTableBytes - 1)};
    static_cast<void>(go_down_to(above.edge + kPagesAbove * kPageSize, above, here));
    above.lived.store(true);
}

/// Takes frames out of the running CPU's reserve until so many are left.
void leave_in_reserve(std::size_t frames, MemoryHog& hog) {
    for (;;) {
        PhysAddr frame;
        {
            IrqsOff irqs{on_kernel_thread};
            mm::FrameReserve& reserve = mm::FrameReserve::this_cpu(irqs);
            if (reserve.count() <= frames) {
                return;
            }
            frame = reserve.take(irqs);
        }
        hog.keep(frame);
    }
}

struct Starved {
    AboveTable above;
    ThreadId victim;
    std::size_t left = 0;
    std::size_t missing = 0;
    bool ended = false;
};

/// Leaves the victim one frame more than it needs to come to the edge. On a kernel thread: its own
/// stack neither takes frames nor is trimmed.
void starve(Preemptible here, void* argument) {
    auto& starved = *static_cast<Starved*>(argument);
    AboveTable& above = starved.above;
    MemoryHog hog(here);
    hog.take_all();
    leave_in_reserve(0, hog);
    sleep_for(20'000'000, here);  // what can be reclaimed comes back now, and not later
    hog.give_back(mm::FrameReserve::kTarget);
    mm::refill_reserve(here);
    hog.take_all();
    leave_in_reserve(above.missing() + 1, hog);
    above.go.post(here);
    sleep_for(50'000'000, here);
    starved.left = mm::FrameReserve::of(0).count();
    starved.missing = above.missing();
    starved.ended = !join_thread(starved.victim, here).ok();
}

}  // namespace

// A page below the edge needs a table and a frame: the one that is left helps nobody.
KERNEL_TEST("sched: out of memory, a frame that is no use is no hope",
            .deadline_millions = kHardened ? 20'000 : 2'000) {
    if (!kLazyStacks || !test.time_is_counted()) {
        SKIP(test, "needs lazy stacks, and a host that is never late");
    }
    const CpuMask first_cpu = 1;
    Starved starved;
    const auto victim = spawn_application<cross_into_new_table>(
        {.name = "victim", .stack_bytes = MiB(8), .affinity = first_cpu}, &starved.above, here);
    ASSERT_OK(test, victim);
    starved.victim = *victim;
    starved.above.parked.wait(here);
    drain_all_caches(here);
    const auto starver =
        spawn_kernel<starve>({.name = "starver", .affinity = first_cpu}, &starved, here);
    ASSERT_OK(test, starver);
    EXPECT_OK(test, join_thread(*starver, here));
    EXPECT_EQ(test, starved.left, 1u);
    EXPECT_EQ(test, starved.missing, 0u);
    EXPECT(test, starved.ended);
    EXPECT(test, !starved.above.lived.load());
}

KERNEL_TEST("sched: out of memory, spare pages serve before anybody is ended") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    Event go;
    Semaphore parked{0};
    std::atomic<bool> lived = false;
    Crew deep(test, here, [&](Preemptible inner, unsigned) {
        go_down(400);
        parked.post(inner);
        go.wait(inner);
    });
    deep.start(4, {.name = "deep"});
    for (unsigned thread = 0; thread < 4; ++thread) {
        parked.wait(here);
    }
    Semaphore grows{0};
    Crew grower(test, here, [&](Preemptible inner, unsigned) {
        touch_own_stack(4);
        parked.post(inner);
        grows.wait(inner);
        go_down(400);
        lived.store(true);
    });
    grower.start({.name = "grower"});
    parked.wait(here);
    {
        NoMemory none(here);
        grows.post(here);
        grower.join();
    }
    EXPECT(test, lived.load());
    go.set(here);
}

}  // namespace fathom
