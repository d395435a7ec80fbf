// Size classes and slabs, on memory of the host's.
//
// What would break without it: a block that is too small or overlaps its neighbour, a slab that is
// given back while a block of it is in use, or one that is never given back.

#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <mm/size_classes.hpp>
#include <mm/slab.hpp>

namespace fathom::mm {
namespace {

TEST(SizeClasses, EverySizeGetsTheSmallestBlockThatHoldsIt) {
    for (std::size_t size = 0; size <= kLargestBlock; ++size) {
        const unsigned size_class = size_class_of(size);
        ASSERT_LT(size_class, kSizeClasses);
        ASSERT_GE(kBlockSizes[size_class], size);
        if (size_class > 0) {
            ASSERT_LT(kBlockSizes[size_class - 1], size);
        }
    }
}

TEST(SizeClasses, BlocksAreAlignedAndWasteLessThanAQuarter) {
    for (unsigned size_class = 0; size_class < kSizeClasses; ++size_class) {
        EXPECT_EQ(kBlockSizes[size_class] % kBlockAlignment, 0u);
        if (size_class > 3) {
            EXPECT_LE(kBlockSizes[size_class], kBlockSizes[size_class - 1] * 5 / 4);
        }
        const std::size_t slab = kPageSize << slab_order_for(kBlockSizes[size_class]);
        EXPECT_LE(slab % kBlockSizes[size_class], slab / 8) << kBlockSizes[size_class];
    }
}

/// 256 pages, aligned to 16 KiB, with a Frame for each; page number 1 is the first.
struct HostSlabMemory {
    static constexpr std::size_t kPages = 256;
    static inline std::byte* base =
        static_cast<std::byte*>(std::aligned_alloc(KiB(16), kPages* kPageSize));
    static inline std::vector<Frame> frames{kPages};

    static FrameNumber number_of(const void* page) {
        return 4 +
               static_cast<FrameNumber>((static_cast<const std::byte*>(page) - base) / kPageSize);
    }
    static std::byte* page_of(FrameNumber number) { return base + (number - 4) * kPageSize; }
    static Frame& state(const void* page) { return frames.at(number_of(page) - 4); }
};

struct SlabTest : testing::TestWithParam<unsigned> {
    SlabTest()
        : slabs({.block_size = kBlockSizes[GetParam()],
                 .order = static_cast<std::uint8_t>(slab_order_for(kBlockSizes[GetParam()])),
                 .size_class = static_cast<std::uint8_t>(GetParam())}) {
        HostSlabMemory::frames.assign(HostSlabMemory::kPages, Frame{});
        for (std::size_t page = 0; page < 64; page += std::size_t{1} << slabs.shape().order) {
            free_pages.push_back(HostSlabMemory::base + page * kPageSize);
        }
    }
    FreeBlock* take() {
        FreeBlock* block = slabs.take();
        if (block == nullptr && !free_pages.empty()) {
            slabs.format(free_pages.back());
            slabs.add(free_pages.back());
            free_pages.pop_back();
            block = slabs.take();
        }
        return block;
    }
    void put(FreeBlock* block) {
        if (std::byte* const empty = slabs.put(block)) {
            free_pages.push_back(empty);
        }
    }
    Slabs<HostSlabMemory> slabs;
    std::vector<std::byte*> free_pages;
};

TEST_P(SlabTest, RandomTakesAndPutsNeverOverlapAndEverythingComesBack) {
    const std::size_t all_pages = free_pages.size();
    const std::uint32_t size = slabs.shape().block_size;
    std::map<std::byte*, std::uint8_t> used;
    std::mt19937 random(GetParam());
    for (int step = 0; step < 5000; ++step) {
        if (used.empty() || random() % 100 < (step / 1000 % 2 == 0 ? 65u : 35u)) {
            auto* const block = reinterpret_cast<std::byte*>(take());
            if (block == nullptr) {
                continue;
            }
            ASSERT_EQ(reinterpret_cast<std::uint64_t>(block) % kBlockAlignment, 0u);
            const auto next = used.lower_bound(block);
            ASSERT_TRUE(next == used.end() || block + size <= next->first);
            ASSERT_TRUE(next == used.begin() || std::prev(next)->first + size <= block);
            const auto mark = static_cast<std::uint8_t>(random());
            std::memset(block, mark, size);
            used.emplace(block, mark);
        } else {
            const auto victim =
                std::next(used.begin(), random() % std::min<std::size_t>(used.size(), 20));
            for (std::uint32_t at = 0; at < size; ++at) {
                ASSERT_EQ(static_cast<std::uint8_t>(victim->first[at]), victim->second);
            }
            ASSERT_EQ(slabs.block_of(victim->first + size - 1), victim->first);
            put(reinterpret_cast<FreeBlock*>(victim->first));
            used.erase(victim);
        }
    }
    for (const auto& [block, mark] : used) {
        put(reinterpret_cast<FreeBlock*>(block));
    }
    EXPECT_EQ(slabs.slabs(), 0u);
    EXPECT_EQ(free_pages.size(), all_pages) << "every empty slab must be given back";
    EXPECT_EQ(slabs.take(), nullptr);
}

TEST_P(SlabTest, ASlabThatNobodyTookABlockOfComesBack) {
    FreeBlock* const block = take();  // the first slab, in use
    for (std::byte* const base : {free_pages[0], free_pages[1]}) {
        slabs.format(base);
        slabs.add(base);
    }
    EXPECT_EQ(slabs.take_unused(), free_pages[1]);
    EXPECT_EQ(slabs.take_unused(), free_pages[0]);
    EXPECT_EQ(slabs.take_unused(), nullptr) << "the first has a block in use";
    EXPECT_EQ(slabs.slabs(), 1u);
    put(block);
    EXPECT_EQ(slabs.slabs(), 0u);
}

TEST_P(SlabTest, ABlockOfSomebodyElseIsNotTaken) {
    take();
    auto* const foreign = reinterpret_cast<FreeBlock*>(HostSlabMemory::base + 128 * kPageSize);
    EXPECT_DEATH(slabs.put(foreign), "its slab did not give");
}

INSTANTIATE_TEST_SUITE_P(Classes, SlabTest, testing::Values(0u, 3u, 8u, 13u, 17u, 23u));

}  // namespace
}  // namespace fathom::mm
