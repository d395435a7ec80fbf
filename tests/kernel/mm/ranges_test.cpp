// Ranges of address space: mapped at once or on touch, protected, unmapped, and seen alike
// everywhere.
//
// What would break without it: a lazy page that is populated twice or never, an unmap that leaves
// pages, tables or another CPU's translation behind, a protection that pages to come do not get.

#include <runner/test.hpp>

#include <kernel/support/crew.hpp>
#include <kernel/support/quiet.hpp>
#include <kernel/support/stack_bytes.hpp>
#include <mm/address_space.hpp>
#include <mm/kernel_space.hpp>
#include <mm/shootdown.hpp>
#include <sync/semaphore.hpp>

namespace fathom {
namespace {

using arch::Protection;

volatile std::uint64_t& word_at(VirtAddr range, unsigned page) {
    return *(range + page * kPageSize).as<volatile std::uint64_t>();
}

}  // namespace

KERNEL_TEST("mm: a populated range is zeroed, writable, and gone after unmapping") {
    const auto warm = mm::map_range(MiB(1), Protection::read_write, mm::Populate::now, here);
    ASSERT_OK(test, warm);
    EXPECT_OK(test, mm::unmap_range(*warm, here));
    const std::size_t before = available_frames(here);
    const auto range = mm::map_range(MiB(1), Protection::read_write, mm::Populate::now, here);
    ASSERT_OK(test, range);
    for (unsigned page = 0; page < 256; ++page) {
        EXPECT_EQ(test, word_at(*range, page), 0u);
        word_at(*range, page) = page + 1;
    }
    EXPECT_EQ(test, word_at(*range, 255), 256u);
    EXPECT_ERROR(test, mm::translate(*range - 1), Error::not_found);
    EXPECT_ERROR(test, mm::translate(*range + MiB(1)), Error::not_found);
    EXPECT_OK(test, mm::unmap_range(*range, here));
    EXPECT_ERROR(test, mm::translate(*range), Error::not_found);
    EXPECT_ERROR(test, mm::unmap_range(*range, here), Error::not_found);
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

KERNEL_TEST("mm: a lazy range costs a page for each page that is touched") {
    const auto range = mm::map_range(MiB(4), Protection::read_write, mm::Populate::on_touch, here);
    ASSERT_OK(test, range);
    const std::size_t before = available_frames(here);
    for (unsigned page = 0; page < 1024; page += 100) {
        EXPECT_ERROR(test, mm::translate(*range + page * kPageSize), Error::not_found);
        EXPECT_EQ(test, word_at(*range, page), 0u);
        word_at(*range, page) = page;
    }
    EXPECT_EQ(test, available_frames(here), before - 11);
    EXPECT_ERROR(test, mm::translate(*range + kPageSize), Error::not_found);
    EXPECT_OK(test, mm::populate_range(*range, here));
    EXPECT_EQ(test, available_frames(here), before - 1024);
    EXPECT_EQ(test, word_at(*range, 300), 300u);
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

KERNEL_TEST("mm: a range's protection holds for pages still to come, too") {
    const auto range = mm::map_range(MiB(1), Protection::read_write, mm::Populate::on_touch, here);
    ASSERT_OK(test, range);
    word_at(*range, 0) = 5;
    EXPECT_OK(test, mm::protect_range(*range, MiB(1), Protection::read_only, here));
    EXPECT_EQ(test, word_at(*range, 0), 5u);
    EXPECT_EQ(test, word_at(*range, 9), 0u);
    for (const unsigned page : {0u, 9u}) {
        const auto allows = mm::protection_of(*range + page * kPageSize);
        ASSERT_OK(test, allows);
        EXPECT(test, *allows == Protection::read_only);
    }
    EXPECT_OK(test, mm::protect_range(*range, MiB(1), Protection::read_write, here));
    word_at(*range, 9) = 6;
    EXPECT_EQ(test, word_at(*range, 9), 6u);
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

KERNEL_TEST("mm: rights of a part of a range hold on all its pages and no other") {
    const auto range = mm::map_range(KiB(64), Protection::read_write, mm::Populate::on_touch, here);
    ASSERT_OK(test, range);
    for (unsigned page = 0; page < 16; page += 2) {
        word_at(*range, page) = page;  // every other one is there
    }
    const VirtAddr part = *range + 5 * kPageSize;
    EXPECT_OK(test, mm::protect_range(part, 3 * kPageSize + 1, Protection::read_only, here));
    for (unsigned page = 0; page < 16; ++page) {
        EXPECT_EQ(test, word_at(*range, page), page % 2 == 0 ? page : 0u);
        const auto allows = mm::protection_of(*range + page * kPageSize);
        ASSERT_OK(test, allows);
        EXPECT_EQ(test, *allows == Protection::read_only, page >= 5 && page < 9);
    }
    const auto protect = [here](VirtAddr begin, std::uint64_t bytes) {
        return mm::protect_range(begin, bytes, Protection::read_only, here);
    };
    EXPECT_ERROR(test, protect(part, 0), Error::invalid_argument);
    EXPECT_ERROR(test, protect(part + 8, KiB(4)), Error::invalid_argument);
    EXPECT_ERROR(test, protect(part, ~std::uint64_t{0}), Error::invalid_argument);
    EXPECT_ERROR(test, protect(part, KiB(64)), Error::not_found);
    EXPECT_ERROR(test, protect(*range - kPageSize, KiB(8)), Error::not_found);
    // Mapping and unmapping are of whole ranges: the middle of one is none.
    EXPECT_ERROR(test, mm::unmap_range(part, here), Error::not_found);
    EXPECT_ERROR(test, mm::populate_range(part, here), Error::not_found);
    word_at(*range, 9) = 1;
    EXPECT_OK(test, mm::unmap_range(*range, here));
}

KERNEL_TEST("mm: ranges that make no sense are refused") {
    EXPECT_ERROR(test, mm::map_range(0, Protection::read_write, mm::Populate::now, here),
                 Error::invalid_argument);
    EXPECT_ERROR(test, mm::map_range(KiB(4), Protection::device, mm::Populate::now, here),
                 Error::invalid_argument);
    EXPECT_ERROR(test, mm::protect_range(mm::kRangeBase, KiB(4), Protection::read_only, here),
                 Error::not_found);
    EXPECT_ERROR(test, mm::populate_range(mm::kRangeBase, here), Error::not_found);
    // More than there is memory: an error, and what was mapped on the way comes back.
    const std::size_t before = available_frames(here);
    EXPECT_ERROR(test, mm::map_range(GiB(64), Protection::read_write, mm::Populate::now, here),
                 Error::out_of_memory);
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

KERNEL_TEST("mm: a page that is mapped anew is seen anew by every CPU") {
    if (online_cpu_count() < 2) {
        SKIP(test, "needs two CPUs");
    }
    constexpr unsigned kTurns = 20;
    Semaphore ask{0};
    Semaphore answer{0};
    VirtAddr where;
    std::uint64_t seen = 0;
    Crew crew(test, here, [&](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < kTurns; ++turn) {
            ask.wait(inner);
            seen = *where.as<volatile std::uint64_t>();
            answer.post(inner);
        }
    });
    crew.start({.name = "reader", .affinity = 2});
    EXPECT_OK(test, set_affinity(current_thread().id(), 1, here));
    PhysAddr kept[kTurns] = {};
    for (unsigned turn = 0; turn < kTurns; ++turn) {
        const auto range = mm::map_range(KiB(4), Protection::read_write, mm::Populate::now, here);
        ASSERT_OK(test, range);
        EXPECT(test, where.value == 0 || where == *range);  // the same hole again
        where = *range;
        word_at(where, 0) = 1000 + turn;
        ask.post(here);
        answer.wait(here);
        EXPECT_EQ(test, seen, 1000u + turn);
        EXPECT_OK(test, mm::unmap_range(where, here));
        // Another frame behind the same address next time: a stale translation would show the old.
        const auto frame = mm::allocate_frame(here);
        ASSERT_OK(test, frame);
        kept[turn] = *frame;
    }
    for (const PhysAddr frame : kept) {
        mm::free_frame(frame, here);
    }
    EXPECT_OK(test, set_affinity(current_thread().id(), kAllCpus, here));
}

KERNEL_TEST("mm: all CPUs may shoot down at once, each waiting for the others") {
    Crew crew(test, here, [&test](Preemptible inner, unsigned) {
        for (unsigned turn = 0; turn < 40; ++turn) {
            const auto range =
                mm::map_range(KiB(16), Protection::read_write, mm::Populate::now, inner);
            ASSERT_OK(test, range);
            word_at(*range, 3) = turn;
            EXPECT_EQ(test, word_at(*range, 3), turn);
            EXPECT_OK(test, mm::unmap_range(*range, inner));
        }
    });
    crew.start(2 * online_cpu_count(), {.name = "unmapper"});
}

}  // namespace fathom
