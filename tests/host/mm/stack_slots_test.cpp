// Where stacks lie, and the life of a slot.
//
// What would break without it: a fault that is booked on the neighbour's stack, a gap that is too
// small, or a page installed for a thread that has ended.

#include <random>

#include <gtest/gtest.h>

#include <mm/slot_word.hpp>
#include <mm/stack_geometry.hpp>

namespace fathom::mm {
namespace {

using Geometry = StackGeometry;

TEST(StackGeometry, ClassesCoverEverySizeAndWasteLessThanHalf) {
    EXPECT_EQ(Geometry::class_for(1), 0u);
    EXPECT_EQ(Geometry::class_for(KiB(8)), 0u);
    EXPECT_EQ(Geometry::class_for(KiB(8) + 1), 1u);
    EXPECT_EQ(Geometry::class_for(MiB(1)), 7u);
    EXPECT_EQ(Geometry::class_for(GiB(1)), kStackClasses - 1);
    std::mt19937_64 random(1);
    for (int round = 0; round < 10'000; ++round) {
        const std::uint64_t size = 1 + random() % GiB(1);
        const unsigned stack_class = Geometry::class_for(size);
        ASSERT_GE(Geometry::usable_bytes(stack_class), size);
        ASSERT_TRUE(stack_class == 0 || Geometry::usable_bytes(stack_class - 1) < size);
    }
}

TEST(StackGeometry, EveryEdgeOfManySlotsIsFoundByItsAddress) {
    std::mt19937 random(2);
    for (unsigned stack_class = 0; stack_class < kStackClasses; ++stack_class) {
        const std::uint32_t slots = Geometry::slots(stack_class);
        for (int round = 0; round < 3000; ++round) {
            const std::uint32_t index = round == 0   ? 0
                                        : round == 1 ? slots - 1
                                                     : static_cast<std::uint32_t>(random() % slots);
            const VirtAddr base = Geometry::slot_base(stack_class, index);
            for (std::uint64_t offset :
                 {std::uint64_t{0}, kStackGapBytes - 1, kStackGapBytes,
                  Geometry::stride(stack_class) - 1, random() % Geometry::stride(stack_class)}) {
                const VirtAddr address = base + offset;
                ASSERT_EQ(Geometry::class_at(address), stack_class);
                const StackPlace place = locate(address, stack_class);
                ASSERT_EQ(place.index, index);
                ASSERT_EQ(place.depth, (Geometry::stride(stack_class) - 1 - offset) / kPageSize);
                ASSERT_EQ(in_gap(place), offset < kStackGapBytes);
            }
        }
    }
}

TEST(StackGeometry, WhatLiesOutsideOfTheRangeHasNoClass) {
    EXPECT_GE(Geometry::class_at({0}), kStackClasses);
    EXPECT_GE(Geometry::class_at({kLazyStackBase - 1}), kStackClasses);
    EXPECT_EQ(Geometry::class_at({kLazyStackEnd - 1}), kStackClasses - 1);
    EXPECT_GE(Geometry::class_at({kLazyStackEnd}), kStackClasses);
    EXPECT_GE(Geometry::class_at({~std::uint64_t{0}}), kStackClasses);
}

TEST(StackGeometry, TheTailOfAnArenaBelongsToNoSlot) {
    for (unsigned stack_class = 0; stack_class < kStackClasses; ++stack_class) {
        const VirtAddr last{kLazyStackBase + ((stack_class + 1ull) << kArenaShift) - 1};
        EXPECT_GE(locate(last, stack_class).index, Geometry::slots(stack_class) - 1);
        EXPECT_LE(locate(last, stack_class).index, Geometry::slots(stack_class));
    }
}

TEST(SlotWord, EachLifeHasAGenerationOfItsOwn) {
    SlotWord word;
    EXPECT_EQ(word.read().state(), SlotState::free);
    EXPECT_FALSE(word.read().is_live());
    word.begin_life();
    const SlotValue first = word.read();
    EXPECT_TRUE(first.is_live());
    word.change_to(SlotState::dying);
    EXPECT_FALSE(word.read().is_live());
    EXPECT_EQ(word.read().generation(), first.generation());
    word.change_to(SlotState::cached);
    EXPECT_EQ(word.read().state(), SlotState::cached);
    EXPECT_FALSE(word.read().is_live());
    word.begin_life();
    EXPECT_TRUE(word.read().is_live());
    EXPECT_NE(word.read(), first) << "an install that began in the first life must notice";
    EXPECT_EQ(word.read().generation(), first.generation() + 1);
    word.change_to(SlotState::dying);
    word.change_to(SlotState::free);
    EXPECT_EQ(word.read().state(), SlotState::free);
}

}  // namespace
}  // namespace fathom::mm
