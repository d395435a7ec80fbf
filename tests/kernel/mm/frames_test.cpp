// Frames: blocks of all orders, merging, exact counts, and an honest answer when none is left.
//
// What would break without it: a block that overlaps another or is not aligned, buddies that never
// merge again, a count that drifts, a hang where memory is out.

#include <runner/test.hpp>

#include <kernel/support/memory_hog.hpp>
#include <kernel/support/quiet.hpp>
#include <mm/direct_map.hpp>

namespace fathom {
namespace {

struct Block {
    PhysAddr base;
    unsigned order = 0;
};
constexpr unsigned kBlocks = 64;
constexpr unsigned kLargestBlock = 5;
/// 16 MiB: a small machine has that many frames, but perhaps not in a row.
constexpr unsigned kMostInARow = 12;

/// Marks every page of the block as the `number`-th one's.
void mark(const Block& block, std::uint64_t number) {
    for (unsigned page = 0; page < 1u << block.order; ++page) {
        *mm::phys_to_virt(block.base + page * kPageSize).as<std::uint64_t>() = number << 32 | page;
    }
}
bool is_marked(const Block& block, std::uint64_t number) {
    for (unsigned page = 0; page < 1u << block.order; ++page) {
        if (*mm::phys_to_virt(block.base + page * kPageSize).as<std::uint64_t>() !=
            (number << 32 | page)) {
            return false;
        }
    }
    return true;
}

/// The order of the largest block that is free, up to kMostInARow.
unsigned largest_order(Preemptible here) {
    for (unsigned order = kMostInARow; order != 0; --order) {
        if (const auto base = mm::allocate_frames(order, here); base.ok()) {
            mm::free_frames(*base, order, here);
            return order;
        }
    }
    return 0;
}

}  // namespace

KERNEL_TEST("mm: blocks of mixed orders are aligned, stay apart and merge again") {
    const std::size_t before = available_frames(here);
    const unsigned in_a_row = largest_order(here);
    if (in_a_row <= kLargestBlock) {
        return test.skip("no free block is larger than those that it mixes");
    }
    Block blocks[kBlocks];
    for (unsigned i = 0; i < kBlocks; ++i) {
        blocks[i].order = i * 7 % (kLargestBlock + 1);
        const auto base = mm::allocate_frames(blocks[i].order, here);
        ASSERT_OK(test, base);
        blocks[i].base = *base;
        EXPECT(test, is_aligned(base->value, kPageSize << blocks[i].order));
        mark(blocks[i], i);
    }
    for (unsigned i = 0; i < kBlocks; ++i) {
        EXPECT(test, is_marked(blocks[i], i));
    }
    for (unsigned i = 0; i < kBlocks; i += 2) {  // holes first, then what lies between
        mm::free_frames(blocks[i].base, blocks[i].order, here);
    }
    for (unsigned i = 1; i < kBlocks; i += 2) {
        EXPECT(test, is_marked(blocks[i], i));
        mm::free_frames(blocks[i].base, blocks[i].order, here);
    }
    EXPECT_EQ(test, frames_return_to(before, here), before);
    // What was in a row is in a row again: only merged buddies can give that.
    EXPECT_GE(test, largest_order(here), in_a_row);
}

KERNEL_TEST("mm: an order over the largest is an error") {
    EXPECT_ERROR(test, mm::allocate_frames(mm::kLargestOrder + 1, here), Error::out_of_memory);
}

KERNEL_TEST("mm: frames run out with an error, and all come back") {
    const std::size_t before = available_frames(here);
    {
        MemoryHog hog(here);
        hog.take_all();
        EXPECT_GT(test, hog.held(), before / 2);
        EXPECT_ERROR(test, mm::allocate_frame(here), Error::out_of_memory);
        EXPECT_ERROR(test, mm::allocate_frames(0, here), Error::out_of_memory);
        EXPECT_ERROR(test, mm::allocate_frames(4, here), Error::out_of_memory);
    }
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

KERNEL_TEST("mm: frames that one CPU takes and another frees are counted right") {
    const std::size_t before = available_frames(here);
    for (unsigned turn = 0; turn < 4; ++turn) {
        PhysAddr frames[100];
        const unsigned from = turn % online_cpu_count();
        const unsigned to = (turn + 1) % online_cpu_count();
        EXPECT_OK(test, set_affinity(current_thread().id(), CpuMask{1} << from, here));
        for (PhysAddr& frame : frames) {
            const auto got = mm::allocate_frame(here);
            ASSERT_OK(test, got);
            frame = *got;
        }
        EXPECT_OK(test, set_affinity(current_thread().id(), CpuMask{1} << to, here));
        for (const PhysAddr frame : frames) {
            mm::free_frame(frame, here);
        }
    }
    EXPECT_EQ(test, frames_return_to(before, here), before);
}

}  // namespace fathom
