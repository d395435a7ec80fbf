// Memory that is out but for one frame, which nobody can use.
//
// A fault may need a table as well as a page. What would break without it: a kernel that takes the
// frame that is left for hope, tries again for ever, and ends nobody.

#include <runner/test.hpp>

#include <atomic>

#include <context/atomic_scope.hpp>
#include <kernel/support/no_memory.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/thread_stack.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr std::uint64_t kTableBytes = MiB(2);  ///< what one page table of the last level spans
constexpr unsigned kPagesAbove = 16;

/// A thread that stands so many pages above an edge, below which its stack has no table.
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
    above.edge = {(above.stack->top().value - MiB(1)) & ~(kTableBytes - 1)};
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

}  // namespace fathom
