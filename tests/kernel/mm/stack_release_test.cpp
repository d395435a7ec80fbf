// Pages taken from stacks that live on.
//
// What would break without it: a frame that is lost or freed twice, a page taken that is still in
// use, a fault of another CPU that installs into a page table which has gone.

#include <runner/test.hpp>

#include <arch/irq.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/stack_release.hpp>

namespace fathom {
namespace {

constexpr unsigned kDeep = 300;  // pages: more than one section takes

mm::ThreadStack& new_stack(std::size_t bytes, Preemptible here) {
    const auto stack = mm::ThreadStack::create(bytes, 0, here);
    ASSERT(stack.ok(), "no memory for a stack");
    return **stack;
}

void touch(const mm::ThreadStack& stack, unsigned first, unsigned end) {
    for (unsigned depth = first; depth < end; ++depth) {
        stack_byte(stack, depth) = std::byte{0x77};
    }
}

PageCount release_below(mm::ThreadStack& stack, VirtAddr keep_from, Preemptible here) {
    const mm::StackCut cut{&stack, keep_from};
    return mm::release_stack_pages({&cut, 1}, here);
}

}  // namespace

KERNEL_TEST("mm: pages released from a live stack are free again, every one") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    touch_own_stack(8);
    mm::ThreadStack& stack = new_stack(MiB(8), here);
    touch(stack, 0, 5);
    touch(stack, kDeep - 1, kDeep);  // the table that goes with it stays
    const std::size_t frames = available_frames(here) + 1;
    touch(stack, 5, kDeep);
    EXPECT_EQ(test, frames - available_frames(here), kDeep - 5u);
    const VirtAddr keep_from = stack.top() - 4 * kPageSize - 8;
    EXPECT_EQ(test, release_below(stack, keep_from, here).value, kDeep - 5u);
    EXPECT_EQ(test, available_frames(here), frames);
    EXPECT_EQ(test, stack.populated().value, 5u);
    EXPECT_EQ(test, stack.high_water(here).value, 5u);
    EXPECT(test, stack_byte(stack, 4) == std::byte{0x77});
    EXPECT(test, stack_byte(stack, 5) == std::byte{0});  // populated anew
    EXPECT_EQ(test, release_below(stack, keep_from, here).value, 1u);
    stack.destroy(here);
}

KERNEL_TEST("mm: the highest page of a live stack stays, whatever is cut off") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    mm::ThreadStack& stack = new_stack(KiB(64), here);
    touch(stack, 0, 3);
    EXPECT_EQ(test, release_below(stack, stack.top(), here).value, 2u);
    EXPECT(test, stack_byte(stack, 0) == std::byte{0x77});
    EXPECT_EQ(test, release_below(stack, stack.top(), here).value, 0u);
    stack.destroy(here);
}

KERNEL_TEST("mm: many stacks are cut at once, each where it was said") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    mm::StackCut cuts[mm::kMostCuts];
    for (std::size_t i = 0; i < mm::kMostCuts; ++i) {
        mm::ThreadStack& stack = new_stack(KiB(128), here);
        touch(stack, 0, 20);
        cuts[i] = {&stack, stack.top() - (i + 1) * kPageSize};
    }
    const PageCount released = mm::release_stack_pages(cuts, here);
    EXPECT_EQ(test, released.value, 20 * mm::kMostCuts - 16 * 17 / 2);
    for (std::size_t i = 0; i < mm::kMostCuts; ++i) {
        EXPECT_EQ(test, cuts[i].stack->populated().value, i + 1);
        cuts[i].stack->destroy(here);
    }
}

// The neighbours of a small stack share its page tables, and destroying them takes the tables that
// have become empty: a stack that is cut must not rely on one of those.
KERNEL_TEST("mm: stacks are cut while others use what stays and neighbours come") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const std::size_t frames = available_frames(here);
    std::atomic<bool> stop = false;
    mm::ThreadStack& stack = new_stack(MiB(1), here);
    {
        Crew crew(test, here, [&](Preemptible inner, unsigned number) {
            while (!stop.load()) {
                if (number == 0) {  // above the cut: these pages stay
                    touch(stack, 100, 140);
                    arch::spin_hint();  // under -icount a CPU that never pauses starves the next
                    yield(inner);
                } else {
                    mm::ThreadStack& neighbour = new_stack(MiB(1), inner);
                    touch(neighbour, 0, 250);
                    neighbour.destroy(inner);
                }
            }
        });
        crew.start({.name = "toucher"});
        crew.start({.name = "neighbour"});
        for (unsigned round = 0; round < 40; ++round) {
            touch(stack, 200, 250);
            EXPECT_EQ(test, release_below(stack, stack.top() - 190 * kPageSize, here).value, 50u);
            yield(here);
        }
        stop.store(true);
    }
    for (unsigned depth = 100; depth < 140; ++depth) {
        EXPECT(test, stack_byte(stack, depth) == std::byte{0x77});
    }
    stack.destroy(here);
    EXPECT_EQ(test, frames_return_to(frames, here), frames);
}

}  // namespace fathom
