// Advice about ranges, and ranges that are stacks.
//
// What would break without it: pages that were given back and still cost memory, or come back with
// somebody's data; a CPU that goes on using a frame that is another's by now; a stack in a range
// whose sections fault, since nothing was touched ahead there.

#include <runner/test.hpp>

#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/deep.hpp>
#include <kernel/support/quiet.hpp>
#include <lib/proof_fact.h>
#include <mm/address_space.hpp>
#include <mm/heap.hpp>
#include <mm/kernel_space.hpp>
#include <sched/clock.hpp>
#include <sweep/sweep.hpp>

namespace fathom {
namespace {

using arch::Protection;
using mm::Advice;
using mm::Populate;

volatile std::uint64_t& word_at(VirtAddr range, unsigned page) {
    return *(range + page * kPageSize).as<volatile std::uint64_t>();
}

}  // namespace

KERNEL_TEST("mm: pages that are not needed go, and come back zeroed, rights kept") {
    const auto range = mm::map_range(KiB(256), Protection::read_write, Populate::now, here);
    ASSERT_OK(test, range);
    for (unsigned page = 0; page < 64; ++page) {
        word_at(*range, page) = page + 1;
    }
    const std::size_t before = available_frames(here);
    EXPECT_OK(test, mm::advise_range(*range + 16 * kPageSize, 32 * kPageSize, Advice::not_needed,
                                     here));
    EXPECT_EQ(test, available_frames(here), before + 32);
    EXPECT_EQ(test, word_at(*range, 15), 16u);
    EXPECT_EQ(test, word_at(*range, 48), 49u);
    EXPECT_ERROR(test, mm::translate(*range + 16 * kPageSize), Error::not_found);
    EXPECT_EQ(test, word_at(*range, 16), 0u);
    word_at(*range, 47) = 7;
    EXPECT_EQ(test, available_frames(here), before + 30);
    EXPECT_OK(test, mm::protect_range(*range, KiB(256), Protection::read_only, here));
    EXPECT_OK(test, mm::advise_range(*range, KiB(256), Advice::not_needed, here));
    EXPECT_EQ(test, available_frames(here), before + 64);
    EXPECT_EQ(test, word_at(*range, 47), 0u);
    const auto allows = mm::protection_of(*range + 47 * kPageSize);
    ASSERT_OK(test, allows);
    EXPECT(test, *allows == Protection::read_only);
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

KERNEL_TEST("mm: pages that will be needed are there, and no others") {
    const auto range = mm::map_range(KiB(256), Protection::read_write, Populate::on_touch, here);
    ASSERT_OK(test, range);
    const std::size_t before = available_frames(here);
    EXPECT_OK(test, mm::advise_range(*range + 8 * kPageSize, 3 * kPageSize + 1, Advice::will_need,
                                     here));
    EXPECT_EQ(test, available_frames(here), before - 4);
    for (unsigned page = 7; page < 13; ++page) {
        EXPECT_EQ(test, mm::translate(*range + page * kPageSize).ok(), page >= 8 && page < 12);
    }
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

KERNEL_TEST("mm: advice about what is no part of one range is refused") {
    const auto range = mm::map_range(KiB(16), Protection::read_write, Populate::on_touch, here);
    ASSERT_OK(test, range);
    const auto advise = [here](VirtAddr begin, std::uint64_t bytes) {
        return mm::advise_range(begin, bytes, Advice::will_need, here);
    };
    EXPECT_ERROR(test, advise(*range, 0), Error::invalid_argument);
    EXPECT_ERROR(test, advise(*range + 8, KiB(4)), Error::invalid_argument);
    EXPECT_ERROR(test, advise(*range, KiB(20)), Error::not_found);
    EXPECT_ERROR(test, advise(*range - kPageSize, KiB(8)), Error::not_found);
    EXPECT_ERROR(test, advise(*range + KiB(16), KiB(4)), Error::not_found);
    EXPECT_ERROR(test, advise(*range, ~std::uint64_t{0}), Error::invalid_argument);
    EXPECT_OK(test, mm::unmap_range(*range, here));
    EXPECT_ERROR(test, advise(*range, KiB(4)), Error::not_found);
}

KERNEL_TEST("mm: CPUs that touch pages being given back see zeros or their own") {
    const auto range = mm::map_range(KiB(64), Protection::read_write, Populate::on_touch, here);
    ASSERT_OK(test, range);
    std::atomic<bool> stop = false;
    std::atomic<unsigned> wrong = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned number) {
        while (!stop.load()) {
            for (unsigned page = number; page < 16; page += 4) {
                const std::uint64_t seen = word_at(*range, page);
                wrong.fetch_add(seen != 0 && seen != 1000 + number);
                word_at(*range, page) = 1000 + number;
            }
            yield(inner);
        }
    });
    crew.start(4, {.name = "toucher"});
    for (unsigned round = 0; round < 60; ++round) {
        EXPECT_OK(test, mm::advise_range(*range, KiB(64), Advice::not_needed, here));
        yield(here);
    }
    stop.store(true);
    crew.join();
    EXPECT_EQ(test, wrong.load(), 0u);
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

namespace {

struct Dive {
    unsigned sum = 0;
    unsigned frames = 0;
};

/// Sections, the heap, sleep, and going deep: what an application does on a stack.
void use_stack(void* argument) {
    auto& dive = *static_cast<Dive*>(argument);
    const Preemptible here = Preemptible::at_api_boundary();
    {
        PreemptOff atomic{here, window<1024>};
    }
    mm::heap_free(mm::heap_allocate(100, here), here);
    sleep_for(10'000, here);
    dive.sum = sum_down(dive.frames);
}

}  // namespace

KERNEL_TEST("mm: a stack in a range grows by touch, and gives back by advice") {
    if (!kLazyStacks || StackPolicy::kGrowsWhileAtomic) {
        SKIP(test, "the policy populates such a stack wholly");
    }
    const auto stack = mm::map_range(KiB(256), Protection::read_write, Populate::as_stack, here);
    ASSERT_OK(test, stack);
    const VirtAddr top = *stack + KiB(256);
    EXPECT_OK(test, mm::translate(top - 1));
    EXPECT_ERROR(test, mm::translate(top - kPageSize - 1), Error::not_found);
    const std::size_t before = available_frames(here);
    Dive dive{.frames = 60};
    for (unsigned offset = 0; offset < kPageSize; offset += 16) {
        fathom_call_at((top - offset).value, callable<CallClass::call_at, use_stack>(), &dive);
        EXPECT_EQ(test, dive.sum, 60u * 61 / 2);
        if (offset % 512 == 0) {
            EXPECT_OK(test,
                      mm::advise_range(*stack, KiB(256), Advice::not_needed, here));
        }
    }
    EXPECT_LE(test, available_frames(here) + 25, before);
    EXPECT_OK(test, mm::advise_range(*stack, KiB(252), Advice::not_needed, here));
    EXPECT_GE(test, available_frames(here) + 1, before);
    EXPECT_OK(test, mm::unmap_range(*stack, here));
}

}  // namespace fathom
