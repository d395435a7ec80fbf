// Memory runs out at each of the first 2,000 allocation points of a mixed workload, one after the
// other.
//
// What would break without it: an error path that leaks, frees twice, forgets to undo, or goes on
// with a null. Every step must either succeed in the end or report out_of_memory; what it computes
// must be right whatever happened.

#include <runner/test.hpp>

#include <arch/protection.hpp>
#include <kernel/support/deep.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/address_space.hpp>
#include <mm/failure_injection.hpp>
#include <mm/heap.hpp>
#include <sched/spawn.hpp>

namespace fathom {
namespace {

constexpr unsigned kPoints = 2'000;

/// One error of each step is allowed for: the failure is injected once.
struct Workload {
    TestContext& test;
    Preemptible here;
    unsigned errors = 0;

    /// Whether it succeeded; an error other than out_of_memory is a failed check.
    template <typename R>
    bool note(const R& result) {
        if (!result.ok()) {
            ++errors;
            EXPECT(test, result.error() == Error::out_of_memory);
        }
        return result.ok();
    }
    bool note_block(const void* block) {
        errors += block == nullptr;
        return block != nullptr;
    }
};

void use_the_heap(Workload& work, std::size_t size) {
    auto* block = static_cast<unsigned char*>(mm::heap_allocate(size, work.here));
    if (!work.note_block(block)) {
        return;
    }
    block[0] = 17;
    block[size - 1] = 18;
    void* const larger = mm::heap_resize(block, size * 3, work.here);
    if (work.note_block(larger)) {
        block = static_cast<unsigned char*>(larger);
    }
    EXPECT_EQ(work.test, block[0], 17);
    EXPECT_EQ(work.test, block[size - 1], 18);
    mm::heap_free(block, work.here);
}

void use_frames(Workload& work, unsigned order) {
    const auto frames = mm::allocate_frames(order, work.here);
    if (work.note(frames)) {
        mm::free_frames(*frames, order, work.here);
    }
    const auto frame = mm::allocate_frame(work.here);
    if (work.note(frame)) {
        mm::free_frame(*frame, work.here);
    }
}

void use_a_range(Workload& work, mm::Populate populate) {
    const auto range = mm::map_range(KiB(32), arch::Protection::read_write, populate, work.here);
    if (!work.note(range)) {
        return;
    }
    for (unsigned page = 0; page < 8; ++page) {
        volatile auto& word = *(*range + page * kPageSize).as<volatile std::uint64_t>();
        EXPECT_EQ(work.test, word, 0u);
        word = page;
        EXPECT_EQ(work.test, word, page);
    }
    EXPECT_OK(work.test, mm::unmap_range(*range, work.here));
}

void touch_pages(Preemptible here, void* argument) {
    exit_thread(sum_down(15) + reinterpret_cast<std::uintptr_t>(argument), here);
}

void use_a_thread(Workload& work, std::size_t stack_bytes, unsigned number) {
    const auto thread =
        spawn_application<touch_pages>({.name = "works", .stack_bytes = stack_bytes},
                                       reinterpret_cast<void*>(std::uintptr_t{number}), work.here);
    if (!work.note(thread)) {
        return;
    }
    const auto value = join_thread(*thread, work.here);
    ASSERT_OK(work.test, value);
    EXPECT_EQ(work.test, *value, 120u + number);
}

void no_work(Preemptible, void*) {}

void use_a_kernel_thread(Workload& work) {
    const auto thread = spawn_kernel<no_work>({.name = "works"}, nullptr, work.here);
    if (work.note(thread)) {
        EXPECT_OK(work.test, join_thread(*thread, work.here));
    }
}

/// A mix that passes about 20 allocation points; `variant` shifts what comes first.
void mix(Workload& work, unsigned variant) {
    for (unsigned step = 0; step < 6; ++step) {
        switch ((step + variant) % 6) {
        case 0: use_the_heap(work, 24 + variant % 40 * 48); break;
        case 1: use_frames(work, variant % 4); break;
        case 2: use_a_range(work, mm::Populate::now); break;
        case 3: use_a_range(work, mm::Populate::on_touch); break;
        case 4: use_a_thread(work, KiB(64) << variant % 5, variant); break;
        default: use_a_kernel_thread(work); break;
        }
    }
}

/// Runs a part of the workload with its n-th allocation failing; false where it has fewer.
bool fail_at(TestContext& test, unsigned variant, unsigned nth, Preemptible here) {
    Workload work{test, here};
    mm::fail_allocation_at(nth);
    mix(work, variant);
    const bool happened = !mm::failure_is_pending();
    mm::fail_allocation_at(0);
    EXPECT_LE(test, work.errors, happened ? 1u : 0u);  // a stack fault waits and reports none
    return happened;
}

}  // namespace

// The workload is cut into parts of about 20 points, so that the failure at a late point does not
// have to come by all the earlier ones again.
KERNEL_TEST("mm: 2,000 failed allocations are errors or waits, no wrong results",
            .deadline_millions = 10'000) {
    Workload warm{test, here};
    for (unsigned variant = 0; variant < 20; ++variant) {
        mix(warm, variant);
    }
    EXPECT_EQ(test, warm.errors, 0u);
    const std::size_t before = available_frames(here);
    // In real time each unmapping waits for all CPUs, on a loaded host for long.
    const unsigned wanted = test.time_is_counted() ? kPoints : kPoints / 10;
    unsigned points = 0;
    for (unsigned variant = 0; points < wanted && test.failures() == 0; ++variant) {
        for (unsigned nth = 1; fail_at(test, variant, nth, here); ++nth) {
            ++points;
        }
    }
    EXPECT_GE(test, points, wanted);
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

}  // namespace fathom
