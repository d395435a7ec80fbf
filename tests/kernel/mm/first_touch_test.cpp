// The first touch of a stack page costs exactly that page, once.
//
// What would break without it: a fault handler that populates more than was touched, counts twice,
// or maps the page read-only (a read followed by a write would then fault a second time).

#include <runner/test.hpp>

#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/kernel_space.hpp>
#include <trace/reader.hpp>

namespace fathom {
namespace {

/// Stack-fault events of the running thread at exactly this address.
unsigned faults_traced_at(const volatile std::byte& byte) {
    unsigned found = 0;
    trace::for_each([&](const trace::Entry& entry) {
        found += entry.id() == trace::EventId::stack_fault &&
                 entry.thread() == current_thread().thread_id &&
                 entry.payload[0] == VirtAddr::of(&byte).value;
    });
    return found;
}

std::uint64_t page_index_traced_at(const volatile std::byte& byte) {
    std::uint64_t index = ~std::uint64_t{0};
    trace::for_each([&](const trace::Entry& entry) {
        if (entry.id() == trace::EventId::stack_fault &&
            entry.payload[0] == VirtAddr::of(&byte).value) {
            index = entry.payload[1];
        }
    });
    return index;
}

}  // namespace

KERNEL_TEST("mm: a first write populates one page, counted and traced once") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const mm::ThreadStack& stack = *current_thread().stack;
    touch_own_stack(4);
    volatile std::byte& byte = stack_byte(stack, 100);
    const PageCount before = stack.populated();
    const std::uint64_t served = mm::stack_faults_served();
    byte = std::byte{1};
    EXPECT_EQ(test, mm::stack_faults_served(), served + 1);
    EXPECT_EQ(test, stack.populated().value, before.value + 1);
    byte = std::byte{2};
    EXPECT(test, load(byte) == std::byte{2});
    EXPECT_EQ(test, mm::stack_faults_served(), served + 1);
    EXPECT_EQ(test, stack.populated().value, before.value + 1);
    EXPECT_EQ(test, faults_traced_at(byte), 1u);
    EXPECT_EQ(test, page_index_traced_at(byte), 100u);
}

KERNEL_TEST("mm: a first read populates one page, which may then be written") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const mm::ThreadStack& stack = *current_thread().stack;
    touch_own_stack(4);
    volatile std::byte& byte = stack_byte(stack, 120);
    const PageCount before = stack.populated();
    const std::uint64_t served = mm::stack_faults_served();
    EXPECT(test, byte == std::byte{0});
    EXPECT_EQ(test, stack.populated().value, before.value + 1);
    byte = std::byte{7};
    EXPECT_EQ(test, mm::stack_faults_served(), served + 1);
    EXPECT_EQ(test, stack.populated().value, before.value + 1);
    EXPECT(test, byte == std::byte{7});
    EXPECT_EQ(test, faults_traced_at(byte), 1u);
}

KERNEL_TEST("mm: a new stack page is all zeros, in a used frame as well") {
    touch_own_stack(4);
    for (unsigned depth = 130; depth < 150; ++depth) {
        auto* const page = VirtAddr{current_thread().stack_top.value - (depth + 1) * kPageSize}
                               .as<volatile std::uint64_t>();
        std::uint64_t bits = 0;
        for (unsigned word = 0; word < kPageSize / 8; ++word) {
            bits |= page[word];
            page[word] = ~std::uint64_t{0};
        }
        EXPECT_EQ(test, bits, 0u);
    }
}

KERNEL_TEST("mm: pages beside a touched one stay absent") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const mm::ThreadStack& stack = *current_thread().stack;
    touch_own_stack(4);
    volatile std::byte& byte = stack_byte(stack, 170);
    byte = std::byte{1};
    const VirtAddr page = VirtAddr::of(&byte).page();
    EXPECT_OK(test, mm::translate(page));
    EXPECT_ERROR(test, mm::translate(page - 1), Error::not_found);
    EXPECT_ERROR(test, mm::translate(page + kPageSize), Error::not_found);
    const auto allows = mm::protection_of(page);
    ASSERT_OK(test, allows);
    EXPECT(test, *allows == arch::Protection::read_write);
}

}  // namespace fathom
