// Trimming a thread that stands on a stack of its own making: a stack in a range.
//
// What would break without it: the thread's first stack is cut by an sp that lies elsewhere, and
// with its pages go frames that the thread comes back to.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/deep.hpp>
#include <mm/address_space.hpp>
#include <sched/clock.hpp>
#include <sched/trim.hpp>
#include <sweep/sweep.hpp>
#include <sync/event.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

struct Visit {
    explicit Visit(VirtAddr stack_top) : top(stack_top) {}
    VirtAddr top;  ///< of the stack in a range
    Semaphore arrived{0};
    Event go;
    std::uint64_t trimmed_by_itself = 0;
};

/// On the stack in the range.
void trim_and_wait(void* argument) {
    auto& visit = *static_cast<Visit*>(argument);
    const Preemptible here = Preemptible::at_api_boundary();
    const auto trimmed = trim_thread(current_thread().id(), here);
    visit.trimmed_by_itself = trimmed.ok() ? trimmed->value : ~std::uint64_t{0};
    visit.arrived.post(here);
    visit.go.wait(here);
}

/// Goes there from `depth` frames down; whether every frame is still what it was, back here.
[[gnu::noinline]] bool visit_from(unsigned depth, Visit& visit) {
    volatile std::uint64_t frame[200];
    for (std::uint64_t i = 0; i < std::size(frame); ++i) {
        frame[i] = depth + i;
    }
    bool intact = true;
    if (depth == 0) {
        fathom_call_at(visit.top.value, callable<CallClass::call_at, trim_and_wait>(), &visit);
    } else {
        intact = visit_from(depth - 1, visit);
    }
    for (std::uint64_t i = 0; i < std::size(frame); ++i) {
        intact = intact && frame[i] == depth + i;
    }
    return intact;
}

}  // namespace

KERNEL_TEST("sched: trimming a thread that has left its stack takes nothing") {
    const auto stack =
        mm::map_range(KiB(64), arch::Protection::read_write, mm::Populate::as_stack, here);
    ASSERT_OK(test, stack);
    Visit visit{*stack + KiB(64)};
    std::atomic<bool> intact = false;
    {
        Crew crew(test, here,
                  [&](Preemptible, unsigned) { intact.store(visit_from(12, visit)); });
        const ThreadId visitor = crew.start({.name = "visitor"});
        visit.arrived.wait(here);
        auto trimmed = trim_thread(visitor, here);
        while (!trimmed.ok() && trimmed.error() == Error::busy) {  // it runs still, elsewhere
            sleep_for(1'000'000, here);
            trimmed = trim_thread(visitor, here);
        }
        EXPECT_OK(test, trimmed);
        EXPECT_EQ(test, trimmed.ok() ? trimmed->value : 0, 0u);
        visit.go.set(here);
    }
    EXPECT_EQ(test, visit.trimmed_by_itself, 0u);
    EXPECT(test, intact.load());
    EXPECT_OK(test, mm::unmap_range(*stack, here));
}

}  // namespace fathom
