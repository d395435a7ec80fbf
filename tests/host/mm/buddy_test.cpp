// The buddy system against a model that remembers every frame.
//
// What would break without it: two owners of one frame, frames that are lost when blocks split or
// merge, or a block that is not aligned to its size (page tables and large pages rely on it).

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <mm/buddy.hpp>

namespace fathom::mm {
namespace {

constexpr FrameNumber kFirst = 37;
constexpr FrameNumber kEnd = 20'011;

struct HostFrames {
    static inline std::vector<Frame> all;
    static Frame& at(FrameNumber number) { return all.at(number); }
};
using HostBuddy = Buddy<HostFrames>;

/// All of [kFirst, kEnd) free, frame by frame: merging has to make the large blocks.
struct BuddyTest : testing::Test {
    BuddyTest() {
        HostFrames::all.assign(kEnd, Frame{});
        buddy.set_limits(kFirst, kEnd);
        for (FrameNumber frame = kFirst; frame < kEnd; ++frame) {
            HostFrames::at(frame).kind = FrameKind::allocated;
            buddy.free(frame, 0);
        }
    }
    HostBuddy buddy;
};

TEST_F(BuddyTest, SingleFramesMergeIntoTheLargestAlignedBlocks) {
    EXPECT_EQ(buddy.free_frames(), kEnd - kFirst);
    const FrameNumber block = buddy.allocate(HostBuddy::kMaxOrder);
    EXPECT_EQ(block, FrameNumber{1} << HostBuddy::kMaxOrder);
}

TEST_F(BuddyTest, ManyOperationsAgreeWithAModel) {
    std::mt19937 random(7);
    std::vector<bool> taken(kEnd, false);
    std::map<FrameNumber, unsigned> blocks;
    std::size_t in_use = 0;
    for (int step = 0; step < 60'000; ++step) {
        const bool give = !blocks.empty() && random() % 100 < (in_use > kEnd / 2 ? 60u : 45u);
        if (give) {
            auto victim =
                std::next(blocks.begin(), random() % std::min<std::size_t>(blocks.size(), 50));
            for (FrameNumber frame = 0; frame < 1u << victim->second; ++frame) {
                taken[victim->first + frame] = false;
            }
            in_use -= 1u << victim->second;
            buddy.free(victim->first, victim->second);
            blocks.erase(victim);
        } else {
            const unsigned order = random() % 100 < 70 ? 0 : random() % 8;
            const FrameNumber block = buddy.allocate(order);
            if (block == kNoFrame) {
                continue;
            }
            ASSERT_TRUE(block % (1u << order) == 0 && block >= kFirst);
            ASSERT_LE(block + (1u << order), kEnd);
            for (FrameNumber frame = block; frame < block + (1u << order); ++frame) {
                ASSERT_FALSE(taken[frame]) << "frame " << frame << " was given twice";
                taken[frame] = true;
            }
            in_use += 1u << order;
            blocks.emplace(block, order);
        }
        ASSERT_EQ(buddy.free_frames(), kEnd - kFirst - in_use);
    }
    for (const auto& [block, order] : blocks) {
        buddy.free(block, order);
    }
    EXPECT_EQ(buddy.free_frames(), kEnd - kFirst);
    EXPECT_EQ(buddy.allocate(HostBuddy::kMaxOrder), FrameNumber{1} << HostBuddy::kMaxOrder)
        << "after everything came back it must have merged again";
}

TEST_F(BuddyTest, ExhaustionIsAnAnswerAndEveryFrameIsGivenOnce) {
    std::vector<FrameNumber> all;
    for (FrameNumber frame = buddy.allocate(0); frame != kNoFrame; frame = buddy.allocate(0)) {
        all.push_back(frame);
    }
    EXPECT_EQ(all.size(), kEnd - kFirst);
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
    EXPECT_EQ(buddy.allocate(0), kNoFrame);
    EXPECT_EQ(buddy.allocate(3), kNoFrame);
    buddy.free(all.front(), 0);
    EXPECT_EQ(buddy.allocate(1), kNoFrame) << "a single frame is no pair";
    EXPECT_EQ(buddy.allocate(0), all.front());
}

TEST_F(BuddyTest, FreeingTwiceIsNoticed) {
    FrameNumber last = kNoFrame;
    for (FrameNumber frame = buddy.allocate(0); frame != kNoFrame; frame = buddy.allocate(0)) {
        last = frame;
    }
    buddy.free(last, 0);  // its buddy is in use: it stays a block of its own
    EXPECT_DEATH(buddy.free(last, 0), "freed twice");
    EXPECT_DEATH(buddy.free(4097, 1), "not aligned");
}

}  // namespace
}  // namespace fathom::mm
