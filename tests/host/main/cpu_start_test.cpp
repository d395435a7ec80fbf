// A CPU that is sent for and the CPU that waits for it never disagree about whether it came.
//
// What would break without it: a CPU that comes late goes online with nobody to refill its frame
// reserve, and on a stack that has been given back.

#include <main/cpu_start.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace fathom {
namespace {

TEST(CpuStart, ACpuThatComesInTimeIsNotGivenUp) {
    CpuStart start;
    EXPECT_FALSE(start.has_arrived());
    EXPECT_TRUE(start.arrive());
    EXPECT_TRUE(start.has_arrived());
    EXPECT_FALSE(start.abandon());
    EXPECT_TRUE(start.has_arrived());
}

TEST(CpuStart, ACpuThatWasGivenUpLearnsThatItComesTooLate) {
    CpuStart start;
    EXPECT_TRUE(start.abandon());
    EXPECT_FALSE(start.arrive());
    EXPECT_FALSE(start.has_arrived());
}

TEST(CpuStart, OfTwoThatMeetExactlyOneHasItsWay) {
    constexpr int kRounds = 2000;
    for (int round = 0; round < kRounds; ++round) {
        CpuStart start;
        std::atomic<int> ready = 0;
        bool arrived = false;
        std::thread late([&] {
            ++ready;
            while (ready != 2) {
            }
            arrived = start.arrive();
        });
        ++ready;
        while (ready != 2) {
        }
        const bool abandoned = start.abandon();
        late.join();
        ASSERT_NE(arrived, abandoned);
        ASSERT_EQ(start.has_arrived(), arrived);
    }
}

}  // namespace
}  // namespace fathom
