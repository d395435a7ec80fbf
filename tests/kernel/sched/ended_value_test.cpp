// Memory that is out for good, and a thread that has ended with a value which nobody has asked for.
//
// Where a thread that lives notes the mutex that it waits for, one that has ended keeps its value.
// What would break without it: whoever ends a victim looks for threads that wait for a mutex, takes
// the value for one, and looks again and again until somebody joins that thread; who would is told
// of the victim first, and so never.

#include <runner/test.hpp>

#include <kernel/support/no_memory.hpp>
#include <sched/spawn.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

constexpr std::uint64_t kSomeValue = 0x5eed;

void end_with_a_value(Preemptible here, void*) { exit_thread(kSomeValue, here); }

bool has_ended(ThreadId id, Preemptible here) {
    const Result<ThreadStatus> status = thread_status(id, here);
    return status.ok() && status->state == ThreadState::exited;
}

struct Victim {
    Semaphore go{0};
    std::atomic<bool> lived = false;
};

void grow_to_the_end(Preemptible here, void* argument) {
    auto& victim = *static_cast<Victim*>(argument);
    victim.go.wait(here);
    go_down(kTooDeep);
    victim.lived.store(true);
}

}  // namespace

KERNEL_TEST("sched: out of memory, a value nobody has asked for is no mutex",
            .deadline_millions = kHardened ? 20'000 : 2'000) {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    Victim victim;
    const auto ended = spawn_application<end_with_a_value>({.name = "ended"}, nullptr, here);
    const auto thread = spawn_application<grow_to_the_end>({.name = "victim"}, &victim, here);
    ASSERT_OK(test, ended);
    ASSERT_OK(test, thread);
    while (!has_ended(*ended, here)) {
        yield(here);
    }
    {
        NoMemory none(here);
        victim.go.post(here);
        EXPECT_ERROR(test, join_thread(*thread, here), Error::out_of_memory);
    }
    EXPECT(test, !victim.lived.load());
    const Result<std::uint64_t> value = join_thread(*ended, here);
    ASSERT_OK(test, value);
    EXPECT_EQ(test, *value, kSomeValue);
}

}  // namespace fathom
