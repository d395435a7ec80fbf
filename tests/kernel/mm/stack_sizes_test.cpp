// Stacks of every size that the attributes allow, and what their slots do over several lives.
//
// What would break without it: a size class whose arithmetic is off by a stride, a slot that is
// reused without a new generation (a stale fault would then populate a stranger's stack), or a page
// that a thread's end forgets.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/thread_stack.hpp>

namespace fathom {
namespace {

/// The largest that eager policies can afford in a small machine.
constexpr std::uint64_t kLargestTried = kLazyStacks ? GiB(1) : MiB(4);

}  // namespace

KERNEL_TEST("mm: stacks of 8 KiB to 1 GiB can be had, and their threads run") {
    for (std::uint64_t bytes = KiB(8); bytes <= kLargestTried; bytes *= 2) {
        Crew crew(test, here, [&test, bytes](Preemptible, unsigned) {
            const mm::ThreadStack& stack = *current_thread().stack;
            EXPECT_EQ(test, stack.size_bytes(), bytes);
            EXPECT_EQ(test, stack.top() - stack.bottom(), bytes);
            stack_byte(stack, 0) = std::byte{1};
            stack_byte(stack, bytes / kPageSize / 2) = std::byte{1};
            stack_byte(stack, bytes / kPageSize - 1) = std::byte{1};
            EXPECT(test,
                   mm::ThreadStack::containing(VirtAddr::of(&stack_byte(stack, 0))) == &stack);
            EXPECT(test, mm::ThreadStack::containing(stack.first_page()) == &stack);
        });
        crew.start({.name = "sized", .stack_bytes = bytes});
    }
}

KERNEL_TEST("mm: a stack size is rounded up, and one over 1 GiB is refused") {
    const auto odd = mm::ThreadStack::create(KiB(8) + 1, 77, here);
    ASSERT_OK(test, odd);
    EXPECT_EQ(test, (*odd)->size_bytes(), KiB(16));
    EXPECT_EQ(test, (*odd)->owner(), 77u);
    (*odd)->destroy(here);
    EXPECT_ERROR(test, mm::ThreadStack::create(GiB(1) + 1, 77, here), Error::invalid_argument);
    EXPECT_ERROR(test, mm::ThreadStack::create(0, 77, here), Error::invalid_argument);
}

KERNEL_TEST("mm: a slot that is used again is in a new generation") {
    mm::drain_stack_caches(here);
    const auto first = mm::ThreadStack::create(KiB(32), 1, here);
    ASSERT_OK(test, first);
    const VirtAddr top = (*first)->top();
    const mm::SlotValue life = (*first)->state();
    EXPECT(test, life.is_live());
    (*first)->destroy(here);
    EXPECT(test, !(*first)->state().is_live());
    const auto second = mm::ThreadStack::create(KiB(32), 2, here);
    ASSERT_OK(test, second);
    EXPECT_EQ(test, (*second)->top().value, top.value);  // the slot that was given back last
    EXPECT_GT(test, (*second)->state().generation(), life.generation());
    (*second)->destroy(here);
}

KERNEL_TEST("mm: a thread's end gives every stack page and page table back") {
    const auto use_deeply = [](Preemptible, unsigned) {
        const mm::ThreadStack& stack = *current_thread().stack;
        for (unsigned depth = 0; depth < stack.size_bytes() / kPageSize; depth += 3) {
            stack_byte(stack, depth) = std::byte{1};
        }
    };
    for (const std::uint64_t bytes : {KiB(8), KiB(64), MiB(1), MiB(8)}) {
        {
            Crew warm(test, here, use_deeply);  // slot records and the thread table stay
            warm.start(2, {.name = "warm", .stack_bytes = bytes});
        }
        const std::size_t before = available_frames(here);
        {
            Crew crew(test, here, use_deeply);
            crew.start(2, {.name = "deep", .stack_bytes = bytes});
        }
        EXPECT_EQ(test, frames_return_to(before, here), before);
    }
}

}  // namespace fathom
