// Stack faults when frames run out: the reserve, the allocator, and in the end waiting.
//
// What would break without it: a fault that panics or hangs where the reserve is dry, a page that
// comes unzeroed from the allocator, a thread that waits for memory and is never woken, or a
// reserve that runs dry while who refills it stands ready to run.

#include <runner/test.hpp>

#include <algorithm>

#include <context/atomic_scope.hpp>
#include <context/kernel_work.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/deep.hpp>
#include <kernel/support/memory_hog.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/address_space.hpp>
#include <mm/failure_injection.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/kernel_space.hpp>
#include <sched/clock.hpp>
#include <sync/event.hpp>

namespace fathom {
namespace {

/// Everything in the running CPU's reserve, taken out for a scope in which nobody fills it up.
class DryReserve {
public:
    explicit DryReserve(IrqsDisabled irqs) : irqs_(irqs) {
        mm::FrameReserve& reserve = mm::FrameReserve::this_cpu(irqs_);
        while (reserve.count() != 0) {
            taken_[count_++] = reserve.take(irqs_);
        }
    }
    ~DryReserve() {
        while (count_ != 0) {
            mm::FrameReserve::this_cpu(irqs_).give_back(taken_[--count_], irqs_);
        }
    }
    DryReserve(const DryReserve&) = delete;
    DryReserve& operator=(const DryReserve&) = delete;

private:
    mm::HoldRefills hold_;
    [[no_unique_address]] IrqsDisabled irqs_;
    PhysAddr taken_[mm::FrameReserve::kTarget];
    unsigned count_ = 0;
};

bool is_zeroed(VirtAddr page) {
    std::uint64_t bits = 0;
    for (unsigned word = 0; word < kPageSize / 8; ++word) {
        bits |= page.as<volatile std::uint64_t>()[word];
    }
    return bits == 0;
}

constexpr unsigned kFaulters = 16;
constexpr unsigned kPagesEach = 40;

}  // namespace

KERNEL_TEST("mm: a fault that wakes who refills the reserve lets it run first") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    std::uint32_t fewest = mm::FrameReserve::kTarget;
    for (unsigned depth = 4; depth < 100; ++depth) {
        const VirtAddr page{arch::stack_pointer() - depth * kPageSize};
        static_cast<void>(load(*page.as<volatile std::byte>()));
        const ContextWord word = ContextWord::now();
        EXPECT(test, !word.preemptible() || !word.reschedule_pending());
        fewest = std::min(fewest, mm::FrameReserve::of(0).count());
    }
    EXPECT_GE(test, fewest, mm::FrameReserve::kLowWater);
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

KERNEL_TEST("mm: with a dry reserve a stack fault takes a zeroed frame elsewhere") {
    const auto stack = mm::ThreadStack::create(KiB(64), 0, here);
    ASSERT_OK(test, stack);
    touch_own_stack(8);
    const VirtAddr page = (*stack)->top() - 5 * kPageSize;
    mm::Installed outcome = mm::Installed::no_frame;
    const PageCount before = (*stack)->populated();
    {
        IrqsOff atomic{here, window<2048>};
        const DryReserve dry(atomic);
        outcome = (*stack)->install(page, atomic);
    }
    if (kLazyStacks) {
        EXPECT(test, outcome == mm::Installed::now);
        EXPECT_EQ(test, (*stack)->populated().value, before.value + 1);
        EXPECT(test, is_zeroed(page));
    } else {
        EXPECT(test, outcome == mm::Installed::by_another);
    }
    (*stack)->destroy(here);
}

KERNEL_TEST("mm: with no frame left a page is not populated, nothing half done") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    const auto stack = mm::ThreadStack::create(GiB(1), 0, here);
    ASSERT_OK(test, stack);
    touch_own_stack(8);
    // Far enough from the first page to need tables of its own.
    const VirtAddr page = (*stack)->top() - MiB(512);
    const PageCount before = (*stack)->populated();
    // Who refills a reserve allocates, too, and would meet the failure in our place. Elsewhere it
    // has nothing to do; here it runs between two rounds, being urgent, if we stay on its CPU.
    fill_all_reserves(here);
    const std::size_t frames = available_frames(here);
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    for (unsigned nth = 1; nth <= 4; ++nth) {
        mm::Installed outcome = mm::Installed::now;
        {
            IrqsOff atomic{here, window<2048>};
            const DryReserve dry(atomic);
            mm::fail_allocation_at(nth);
            outcome = (*stack)->install(page, atomic);
            mm::fail_allocation_at(0);
        }
        EXPECT(test, outcome == mm::Installed::no_frame);
        EXPECT_EQ(test, (*stack)->populated().value, before.value);
        EXPECT_ERROR(test, mm::translate(page), Error::not_found);
    }
    EXPECT_LE(test, frames - available_frames(here), 2u);  // tables that the next try will find
    (*stack)->destroy(here);
}

KERNEL_TEST("mm: a thread whose stack fault finds no frame waits, then goes on") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    touch_own_stack(8);
    const mm::ThreadStack& stack = *current_thread().stack;
    for (unsigned depth = 100; depth < 120; ++depth) {
        const PageCount before = stack.populated();
        mm::fail_allocation_at(1);
        stack_byte(stack, depth) = std::byte{3};
        EXPECT(test, !mm::failure_is_pending());
        mm::fail_allocation_at(0);
        // Another CPU's refill may have met the failure, and trimmed this stack while it waited.
        if (online_cpu_count() == 1) {
            EXPECT_EQ(test, stack.populated().value, before.value + 1);
        }
        EXPECT_LE(test, stack.populated().value, before.value + 1);
        EXPECT(test, stack_byte(stack, depth) == std::byte{3});
    }
}

KERNEL_TEST("mm: threads that fault while memory is out are all served later") {
    if (!kLazyStacks) {
        SKIP(test, "the policy populates whole stacks");
    }
    if (!test.time_is_counted()) {
        SKIP(test, "a loaded host may take longer than the kernel waits before it ends a thread");
    }
    Event go;
    std::atomic<unsigned> ready = 0;
    std::atomic<unsigned> done = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        touch_own_stack(4);
        ready.fetch_add(1);
        go.wait(inner);
        EXPECT_EQ(test, sum_down(2 * kPagesEach), kPagesEach * (2 * kPagesEach + 1));
        done.fetch_add(1);
    });
    crew.start(kFaulters, {.name = "faulter"});
    while (ready.load() != kFaulters) {
        yield(here);
    }
    drain_all_caches(here);
    touch_own_stack(8);
    const KernelWork work(here);  // who frees memory must not wait for any
    MemoryHog hog(here);
    hog.take_all();
    go.set(here);
    sleep_for(10'000'000, here);
    EXPECT_LT(test, done.load(), kFaulters);
    while (hog.held() != 0 && done.load() != kFaulters) {
        hog.give_back(32);
        sleep_for(500'000, here);
    }
    hog.give_back(hog.held());
    crew.join();
    EXPECT_EQ(test, done.load(), kFaulters);
}

namespace {

/// At one in a millisecond they take longer than the kernel waits before it ends a thread.
constexpr unsigned kRangePages = 400;

void touch_pages(VirtAddr begin, std::atomic<unsigned>& touched) {
    for (unsigned page = 0; page < kRangePages; ++page) {
        *(begin + page * kPageSize).as<volatile std::byte>() = std::byte{1};
        touched.fetch_add(1);
    }
}

}  // namespace

// Little memory is not none, whatever it is for.
KERNEL_TEST("mm: a thread whose range gets page after page is not ended",
            .deadline_millions = kHardened ? 20'000 : 2'000) {
    if (!test.time_is_counted()) {
        SKIP(test, "a loaded host may take longer than the kernel waits before it ends a thread");
    }
    const auto range = mm::map_range(kRangePages * kPageSize, arch::Protection::read_write,
                                     mm::Populate::on_touch, here);
    ASSERT_OK(test, range);
    const CpuMask first_cpu = 1;
    Event go;
    std::atomic<unsigned> touched = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        touch_own_stack(4);
        go.wait(inner);
        touch_pages(*range, touched);
    });
    crew.start({.name = "toucher", .affinity = first_cpu});
    EXPECT_OK(test, set_affinity(current_thread().id(), first_cpu, here));
    {
        drain_all_caches(here);
        touch_own_stack(8);
        const KernelWork work(here);
        MemoryHog hog(here);
        hog.take_all();
        go.set(here);
        for (unsigned page = 0; page < kRangePages; ++page) {
            hog.give_back(1);
            sleep_for(1'000'000, here);
        }
    }
    crew.join();
    EXPECT_EQ(test, touched.load(), kRangePages);
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

}  // namespace fathom
