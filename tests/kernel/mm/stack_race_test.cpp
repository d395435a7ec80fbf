// Several CPUs touch the same absent page of a third thread's stack at once.
//
// What would break without it: an install that is no compare-and-swap (one frame would be lost and
// one CPU's write with it), or a loser that counts the fault, or traces it, as well.

#include <runner/test.hpp>

#include <atomic>

#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/spin_barrier.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/frame_reserve.hpp>
#include <sync/semaphore.hpp>
#include <trace/reader.hpp>

namespace fathom {
namespace {

constexpr unsigned kRounds = 60;

struct Race {
    explicit Race(unsigned racers) : barrier(racers) {}
    SpinBarrier barrier;
    Semaphore go{0};
    Semaphore parked{0};
    mm::ThreadStack* stack = nullptr;
    std::uint64_t faults = 0;
    std::atomic<std::uint64_t> traced = 0;
};

/// Of the faults in the pages that are raced for, those of the running thread that were traced.
std::uint64_t faults_traced(const mm::ThreadStack& stack) {
    const VirtAddr end = stack.top() - 20 * kPageSize;
    const VirtAddr begin = end - kRounds * kPageSize;
    std::uint64_t found = 0;
    trace::for_each([&](const trace::Entry& entry) {
        found += entry.id() == trace::EventId::stack_fault &&
                 entry.thread() == current_thread().thread_id &&
                 entry.payload[0] >= begin.value && entry.payload[0] < end.value;
    });
    return found;
}

void race(Race& shared, TestContext& test, unsigned number, unsigned racers) {
    touch_own_stack(8);
    shared.barrier.arrive_and_wait();
    const std::uint64_t before = mm::stack_faults_served();
    for (unsigned round = 0; round < kRounds; ++round) {
        shared.barrier.arrive_and_wait();
        // One byte each: a page that is populated twice would lose somebody's.
        (&stack_byte(*shared.stack, 20 + round))[number] = std::byte{0xa5};
    }
    shared.barrier.arrive_and_wait();
    if (number == 0) {
        shared.faults = mm::stack_faults_served() - before;
    }
    shared.traced.fetch_add(faults_traced(*shared.stack));
    for (unsigned round = 0; round < kRounds; ++round) {
        for (unsigned racer = 0; racer < racers; ++racer) {
            EXPECT(test, (&stack_byte(*shared.stack, 20 + round))[racer] == std::byte{0xa5});
        }
    }
}

}  // namespace

KERNEL_TEST("mm: CPUs that race for a page of somebody's stack populate it once") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    const unsigned racers = online_cpu_count() < 4 ? 2 : 3;
    Race shared(racers);
    Crew owner(test, here, [&shared](Preemptible inner, unsigned) {
        shared.stack = current_thread().stack;
        shared.parked.post(inner);
        shared.go.wait(inner);
    });
    owner.start({.name = "owner"});
    shared.parked.wait(here);
    touch_own_stack(8);
    const PageCount before = shared.stack->populated();
    {
        Crew crew(test, here,
                  [&](Preemptible, unsigned number) { race(shared, test, number, racers); });
        for (unsigned number = 0; number < racers; ++number) {
            crew.start({.name = "racer", .affinity = CpuMask{1} << number});
        }
    }
    EXPECT_EQ(test, shared.stack->populated().value, before.value + kRounds);
    EXPECT_EQ(test, shared.faults, kRounds);
    EXPECT_EQ(test, shared.traced.load(), kRounds);
    shared.go.post(here);
}

}  // namespace fathom
