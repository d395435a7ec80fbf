// The slots of populated stacks: how many there are, where they lie, who gets which.
//
// What would break without it: threads that get no stack for their system calls although there is
// memory, two threads on one stack, a stack in the gap of another.

#include <mm/kernel_stack_geometry.hpp>
#include <mm/slot_map.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace fathom::mm {
namespace {

using Geometry = KernelStackGeometry;

template <std::size_t Words>
struct Map {
    std::array<std::atomic<std::uint64_t>, Words> words{};
    std::atomic<std::uint32_t> hint = 0;
    SlotMap map() { return {words, hint}; }
};

TEST(KernelStackSlots, EveryThreadMayHaveASmallStack) {
    for (const std::uint64_t size : {KiB(4), KiB(8), KiB(16), KiB(32), KiB(64)}) {
        EXPECT_GE(most_kernel_stacks(size), 65536u + 4096u) << size;
    }
    EXPECT_EQ(most_kernel_stacks(KiB(64) + 1), 4096u);
    EXPECT_EQ(most_kernel_stacks(kLargestKernelStack), 4096u);
    EXPECT_LE(Geometry::words_before(Geometry::kClasses) * 8, KiB(46)) << "bytes of all bitmaps";
}

TEST(KernelStackSlots, SlotsOfAClassStayInItsAddresses) {
    for (unsigned size_class = 0; size_class < Geometry::kClasses; ++size_class) {
        const VirtAddr last = Geometry::base_of(size_class, Geometry::slots_of(size_class) - 1);
        EXPECT_LE(last + Geometry::stride_of(size_class), Geometry::base_of(size_class + 1, 0));
        EXPECT_EQ(Geometry::words_before(size_class + 1) - Geometry::words_before(size_class),
                  Geometry::slots_of(size_class) / 64);
    }
}

TEST(KernelStackSlots, EverySlotIsGivenOnceAndTheLowestFreeOneFirst) {
    static Map<Geometry::kManySlots / 64> storage;
    SlotMap map = storage.map();
    for (std::uint32_t slot = 0; slot < map.slots(); ++slot) {
        ASSERT_EQ(map.claim(), slot);
    }
    EXPECT_EQ(map.claim(), map.slots());
    for (const std::uint32_t slot : {69'631u, 3u, 4'096u, 64u}) {
        map.release(slot);
        EXPECT_FALSE(map.is_taken(slot));
    }
    for (const std::uint32_t slot : {3u, 64u, 4'096u, 69'631u}) {
        EXPECT_EQ(map.claim(), slot);
        EXPECT_TRUE(map.is_taken(slot));
    }
    EXPECT_EQ(map.claim(), map.slots());
}

/// A hint that a race has left too high hides nothing: the search goes round.
TEST(KernelStackSlots, AFreeSlotIsFoundWhateverTheHintSays) {
    Map<3> storage;
    SlotMap map = storage.map();
    for (std::uint32_t hint = 0; hint < 3; ++hint) {
        for (std::uint32_t slot = 0; slot < map.slots(); ++slot) {
            for (auto& word : storage.words) {
                word = ~std::uint64_t{0};
            }
            map.release(slot);
            storage.hint = hint;
            ASSERT_EQ(map.claim(), slot) << hint;
        }
    }
}

TEST(KernelStackSlots, ThreadsThatClaimAtOnceNeverShareASlot) {
    constexpr unsigned kThreads = 4;
    Map<4> storage;
    std::array<std::atomic<unsigned>, 256> owners{};
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < kThreads; ++seed) {
        threads.emplace_back([&, seed] {
            std::mt19937 random(seed);
            std::vector<std::uint32_t> mine;
            SlotMap map = storage.map();
            for (unsigned step = 0; step < 20'000; ++step) {
                if (random() % 2 == 0) {
                    const std::uint32_t slot = map.claim();
                    if (slot != map.slots()) {
                        EXPECT_EQ(owners[slot].fetch_add(1), 0u);
                        mine.push_back(slot);
                    }
                } else if (!mine.empty()) {
                    std::swap(mine[random() % mine.size()], mine.back());
                    owners[mine.back()].fetch_sub(1);
                    map.release(mine.back());
                    mine.pop_back();
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace fathom::mm
