// Under the policies that grow a stack in atomic sections: what a section has taken from the growth
// reserve is there again for the next one.
//
// What would break without it: a reserve that nobody is asked to refill. It serves a section or
// two, and the kernel ends at the third.

#include <runner/test.hpp>

#include <context/atomic_scope.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/growth_reserve.hpp>

namespace fathom {

KERNEL_TEST("mm: sections use the growth reserve up, and find it full each time") {
    if (!StackPolicy::kGrowsWhileAtomic) {
        SKIP(test, "the policy populates no page in an atomic section");
    }
    constexpr unsigned kPages = mm::GrowthReserve::kTarget - 4;  // a table may be needed
    constexpr unsigned kSections = 15;
    const mm::ThreadStack& stack = *current_thread().stack;
    touch_own_stack(4);
    const PageCount before = stack.populated();
    std::size_t depth = 20;
    for (unsigned section = 0; section < kSections; ++section) {
        PreemptOff atomic{here, window<512>};
        for (unsigned page = 0; page < kPages; ++page) {
            stack_byte(stack, depth++) = std::byte{1};
        }
    }
    EXPECT_EQ(test, stack.populated().value, before.value + kSections * kPages);
}

}  // namespace fathom
