// Memory is out for good, and the thread that should be ended is in other hands just then.
//
// What would break without it: a search for a victim that stops at the first one that it cannot
// have, so that nobody is ended and all wait for as long as that one is held.

#include <runner/test.hpp>

#include <context/atomic_scope.hpp>
#include <kernel/support/no_memory.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sched/stack_claim.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

struct Grower {
    Semaphore* ready;
    Semaphore go{0};
    Thread* thread = nullptr;  ///< set before it is ready
    std::atomic<bool> lived = false;
};

void grow_to_the_end(Preemptible here, void* argument) {
    auto& grower = *static_cast<Grower*>(argument);
    grower.thread = &current_thread();
    grower.ready->post(here);
    grower.go.wait(here);
    go_down(kTooDeep);
    grower.lived.store(true);
}

/// Keeps a thread that waits from running for as long as this lives.
class Claim {
public:
    Claim(Thread& thread, Preemptible here) : here_(here) {
        while (!try_to_claim(thread)) {
            sleep_for(100'000, here);  // trimming has it
        }
    }
    ~Claim() {
        IrqsOff irqs{here_, window<1024>};
        release_claim(claim_, irqs);
    }

private:
    bool try_to_claim(Thread& thread) {
        IrqsOff irqs{here_, window<1024>};
        return claim_parked(thread, claim_, irqs);
    }
    Preemptible here_;
    StackClaim claim_;
};

}  // namespace

KERNEL_TEST("sched: out of memory, a victim that somebody holds saves no other",
            .deadline_millions = kHardened ? 20'000 : 2'000) {
    if (!kLazyStacks || !test.time_is_counted()) {
        SKIP(test, "needs lazy stacks, and a host that is never late");
    }
    const CpuMask first_cpu = 1;
    Semaphore ready{0};
    Grower large{.ready = &ready};
    Grower small{.ready = &ready};
    const ThreadAttributes attributes{.name = "grower", .affinity = first_cpu};
    const auto first = spawn_application<grow_to_the_end>(attributes, &large, here);
    const auto second = spawn_application<grow_to_the_end>(attributes, &small, here);
    ASSERT_OK(test, first);
    ASSERT_OK(test, second);
    ready.wait(here);
    ready.wait(here);
    static_cast<void>(set_affinity(current_thread().id(), first_cpu, here));
    {
        NoMemory none(here);
        large.go.post(here);  // takes what this CPU's reserve has, and waits
        sleep_for(10'000'000, here);
        {
            const Claim claim(*large.thread, here);
            small.go.post(here);
            EXPECT_ERROR(test, join_thread(*second, here), Error::out_of_memory);
        }
        EXPECT_ERROR(test, join_thread(*first, here), Error::out_of_memory);
    }
    EXPECT(test, !large.lived.load() && !small.lived.load());
    static_cast<void>(set_affinity(current_thread().id(), kAllCpus, here));
}

}  // namespace fathom
