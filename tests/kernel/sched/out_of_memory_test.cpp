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
