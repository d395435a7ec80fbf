// The stack of a thread's system calls, and the thread's own while it is inside one.
//
// What would break without it: a push on the caller's lazy stack before interrupts are open, a
// stack that is made twice or never given back, a trim that takes a caller's live pages for spare
// ones since sp is elsewhere.

#include <runner/test.hpp>

#include <atomic>

#include <context/lazy_range.hpp>
#include <kernel/support/deep.hpp>
#include <kernel/support/new_thread.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/failure_injection.hpp>
#include <sched/clock.hpp>
#include <sched/system_call.hpp>
#include <sched/system_call_stack.hpp>
#include <sched/trim.hpp>

namespace fathom {

extern "C" std::uint64_t fathom_test_system_call_at(std::uint64_t sp, std::uint64_t number);

namespace {

constexpr std::uint64_t number_of(SystemCall call) { return static_cast<std::uint64_t>(call); }

}  // namespace

KERNEL_TEST("sched: the first system call makes a stack, the exit frees it") {
    const auto call_thrice = [&test](Preemptible inner) {
        const std::size_t before = system_call_stacks();
        EXPECT_EQ(test, system_call_stack_top(current_thread()).value, 0u);
        EXPECT_OK(test, system_call(SystemCall::nothing, {}, inner));
        EXPECT_EQ(test, system_call_stacks(), before + 1);
        const VirtAddr top = system_call_stack_top(current_thread());
        EXPECT(test, !in_lazy_range(top.value));
        EXPECT_OK(test, system_call(SystemCall::yield, {}, inner));
        EXPECT_OK(test, system_call(SystemCall::nothing, {}, inner));
        EXPECT_EQ(test, system_call_stacks(), before + 1);
        EXPECT(test, system_call_stack_top(current_thread()) == top);
    };
    on_new_thread(test, here, call_thrice);  // page tables, once and for all
    const std::size_t frames = available_frames(here);
    const std::size_t stacks = system_call_stacks();
    on_new_thread(test, here, call_thrice);
    EXPECT_EQ(test, system_call_stacks(), stacks);
    EXPECT_EQ(test, frames_return_to(frames, here), frames);
}

KERNEL_TEST("sched: a stack fault in a system call populates the caller's stack") {
    on_new_thread(test, here, [&test](Preemptible inner) {
        EXPECT_OK(test, system_call(SystemCall::nothing, {}, inner));
        const mm::ThreadStack& stack = *current_thread().stack;
        const VirtAddr buffer{align_down(arch::stack_pointer(), kPageSize) - 20 * kPageSize};
        const std::size_t before = stack.populated().value;
        const auto size = system_call(SystemCall::name, {buffer.value, 16}, inner);
        EXPECT_EQ(test, stack.populated().value, before + (kLazyStacks ? 1 : 0));
        ASSERT_OK(test, size);
        EXPECT(test, std::string_view(buffer.as<const char>(), *size) == "caller");
    });
}

KERNEL_TEST("sched: a system call touches no byte of its caller's stack") {
    if (!kLazyStacks || StackPolicy::kPopulatesAtSwitch) {
        SKIP(test, "the policy populates whole stacks, or some of them at each switch");
    }
    on_new_thread(test, here, [&test](Preemptible inner) {
        const mm::ThreadStack& stack = *current_thread().stack;
        const std::uint64_t page = align_down(arch::stack_pointer(), kPageSize);
        const std::uint64_t id = current_thread().id().value;
        // The first call is an ordinary one, on absent pages if need be.
        EXPECT_EQ(test, fathom_test_system_call_at(page - 20 * kPageSize,
                                                   number_of(SystemCall::thread_id)), id);
        static_cast<void>(inner);
        for (unsigned offset = 0; offset <= kPageSize; offset += 16) {
            const std::size_t before = stack.populated().value;
            const std::uint64_t answer = fathom_test_system_call_at(
                page - 30 * kPageSize + offset, number_of(SystemCall::thread_id));
            EXPECT_EQ(test, stack.populated().value, before);
            EXPECT_EQ(test, answer, id);
        }
    });
}

KERNEL_TEST("sched: trimming a thread in a system call keeps its caller's stack") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    std::atomic<bool> about_to_call = false;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        volatile std::uint64_t mine = 42;
        EXPECT_EQ(test, sum_down(200), 200u * 201 / 2);
        about_to_call = true;
        EXPECT_OK(test, system_call(SystemCall::sleep, {100'000'000}, inner));
        EXPECT_EQ(test, mine, 42u);
        EXPECT_EQ(test, sum_down(20), 20u * 21 / 2);
    });
    const ThreadId id = crew.start({.name = "deep caller"});
    while (!about_to_call) {
        sleep_for(100'000, here);
    }
    sleep_for(1'000'000, here);
    auto trimmed = trim_thread(id, here);
    while (!trimmed.ok() && trimmed.error() == Error::busy) {  // it runs still, elsewhere
        sleep_for(1'000'000, here);
        trimmed = trim_thread(id, here);
    }
    ASSERT_OK(test, trimmed);
    EXPECT_GE(test, trimmed->value, 90u);
    crew.join();
}

KERNEL_TEST("sched: a thread ends in a system call, and both stacks come back") {
    const auto end_inside = [](Preemptible inner) {
        static_cast<void>(system_call(SystemCall::exit, {77}, inner));
    };
    on_new_thread(test, here, end_inside);
    const std::size_t frames = available_frames(here);
    const std::size_t stacks = system_call_stacks();
    for (unsigned round = 0; round < 10; ++round) {
        on_new_thread(test, here, end_inside);
    }
    EXPECT_EQ(test, system_call_stacks(), stacks);
    EXPECT_EQ(test, frames_return_to(frames, here), frames);
}

KERNEL_TEST("sched: without memory a system call says so, the next one retries") {
    on_new_thread(test, here, [&test](Preemptible inner) {
        touch_own_stack(8);
        const std::size_t before = system_call_stacks();
        unsigned failed = 0;
        for (unsigned point = 1; point <= 3; ++point) {
            mm::fail_allocation_at(point);  // somebody else's, perhaps
            const auto answer = system_call(SystemCall::nothing, {}, inner);
            mm::fail_allocation_at(0);
            failed += !answer.ok();
            EXPECT(test, answer.ok() || answer.error() == Error::out_of_memory);
            if (answer.ok()) {
                break;
            }
        }
        EXPECT_GE(test, failed, online_cpu_count() == 1 ? 1u : 0u);
        EXPECT_OK(test, system_call(SystemCall::nothing, {}, inner));
        EXPECT_EQ(test, system_call_stacks(), before + 1);
    });
}

}  // namespace fathom
