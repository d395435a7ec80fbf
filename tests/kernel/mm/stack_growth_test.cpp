// A stack grows from whatever instruction touches it, by 4 KiB at a time, however it is aligned.
//
// What would break without it: a handler that decides by the distance from the stack pointer (a
// probe or a large frame's store would then look like an overflow), a large page where alignment
// allows one, or a page that is reached by a push and not by a store.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/kernel_space.hpp>

namespace fathom {

extern "C" void fathom_test_push_at(std::uint64_t sp);
extern "C" void fathom_test_call_at(std::uint64_t sp);
extern "C" void fathom_test_store_below(std::uint64_t bytes);

namespace {

/// Whether `grow` populates exactly one page, the one at `depth`.
template <typename Grow>
void expect_one_page(TestContext& test, std::size_t depth, Grow grow) {
    const mm::ThreadStack& stack = *current_thread().stack;
    const VirtAddr page = VirtAddr::of(&stack_byte(stack, depth)).page();
    EXPECT_ERROR(test, mm::translate(page), Error::not_found);
    const PageCount before = stack.populated();
    grow(page);
    EXPECT_EQ(test, stack.populated().value, before.value + 1);
    EXPECT_OK(test, mm::translate(page));
}

/// Goes so many frames of about `bytes` deep and comes back with their number.
template <unsigned bytes>
[[gnu::noinline]] unsigned descend(unsigned levels) {
    volatile char frame[bytes];
    frame[0] = static_cast<char>(levels);
    frame[bytes - 1] = 1;
    asm volatile("" : : "r"(frame) : "memory");  // or the compiler makes it a loop
    if (levels == 0) {
        return 0;
    }
    return descend<bytes>(levels - 1) + static_cast<unsigned>(frame[bytes - 1]);
}

}  // namespace

KERNEL_TEST("mm: a push, a call and a far store each grow a stack by one page") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    touch_own_stack(4);
    expect_one_page(test, 60, [](VirtAddr page) { fathom_test_push_at(page.value + kPageSize); });
    expect_one_page(test, 70, [](VirtAddr page) { fathom_test_call_at(page.value + kPageSize); });
    expect_one_page(test, 200, [](VirtAddr page) {
        fathom_test_store_below(arch::stack_pointer() - page.value - 64);
    });
}

KERNEL_TEST("mm: a stack that holds 2 MiB-aligned blocks still grows by 4 KiB") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    Crew crew(test, here, [&test](Preemptible, unsigned) {
        const mm::ThreadStack& stack = *current_thread().stack;
        touch_own_stack(4);
        const VirtAddr block{align_down(stack.top().value - MiB(3), MiB(2))};
        EXPECT_GE(test, block.value, stack.bottom().value);
        const PageCount before = stack.populated();
        *block.as<volatile std::byte>() = std::byte{1};
        EXPECT_EQ(test, stack.populated().value, before.value + 1);
        EXPECT_ERROR(test, mm::translate(block + kPageSize), Error::not_found);
        EXPECT_ERROR(test, mm::translate(block + MiB(1)), Error::not_found);
        EXPECT_ERROR(test, mm::translate(block + MiB(2) - 1), Error::not_found);
    });
    crew.start({.name = "aligned", .stack_bytes = MiB(8)});
}

KERNEL_TEST("mm: deep recursion populates what it passes through and no more") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    Crew crew(test, here, [&test](Preemptible inner, unsigned) {
        const mm::ThreadStack& stack = *current_thread().stack;
        touch_own_stack(4);
        const PageCount before = stack.populated();
        EXPECT_EQ(test, descend<1500>(2000), 2000u);
        const std::size_t grown = stack.populated().value - before.value;
        EXPECT_GE(test, grown, 2000u * 1500 / kPageSize - 8);
        EXPECT_LE(test, grown, 2000u * 1700 / kPageSize);
        EXPECT_EQ(test, stack.high_water(inner).value, stack.populated().value);
        const PageCount deep = stack.populated();
        EXPECT_EQ(test, descend<1500>(2000), 2000u);  // the pages are there now
        EXPECT_EQ(test, stack.populated().value, deep.value);
    });
    crew.start({.name = "deep", .stack_bytes = MiB(4)});
}

KERNEL_TEST("mm: a stack can be used to its last byte, with the reserve below it") {
    Crew crew(test, here, [&test](Preemptible, unsigned) {
        const mm::ThreadStack& stack = *current_thread().stack;
        *stack.bottom().as<volatile std::byte>() = std::byte{1};
        EXPECT_EQ(test, stack.bottom() - stack.first_page(), mm::kPrefaultBytes);
        // What a prefault at the very end touches: legal, and no overflow.
        EXPECT(test, load(*(stack.bottom() - kLargestWindow).as<std::byte>()) == std::byte{0});
        EXPECT(test, load(*stack.first_page().as<std::byte>()) == std::byte{0});
        EXPECT(test, stack.in_gap(stack.first_page() - 1));
        EXPECT(test, !stack.in_gap(stack.first_page()));
    });
    crew.start({.name = "to the end", .stack_bytes = KiB(8)});
    crew.start({.name = "to the end", .stack_bytes = KiB(64)});
}

}  // namespace fathom
