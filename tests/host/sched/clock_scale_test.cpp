// The clock's factors: a deadline is never early, and hardly late.
//
// What would break without it: a sleeper that wakes and finds that now_ns() is still below its
// deadline, by more the longer the machine runs.

#include <sched/clock_scale.hpp>

#include <random>

#include <gtest/gtest.h>

namespace fathom {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kDay = 86'400 * kSecond;
constexpr std::uint64_t kFrequencies[] = {
    100'000,       999'983,       1'000'000,     19'200'000,    24'000'000,
    31'250'000,    62'500'000,    999'987'123,   999'999'999,   1'000'000'000,
    1'000'000'001, 2'399'999'321, 3'700'000'000, 5'000'000'000, 9'999'999'967};

/// Not early; and not late by more than the one cycle that the counter cannot split.
void expect_just_reached(std::uint64_t frequency, std::uint64_t ns) {
    const ClockScale scale(frequency);
    const std::uint64_t cycles = scale.to_cycles(ns);
    ASSERT_GE(scale.to_ns(cycles), ns) << frequency << " Hz";
    if (cycles >= 2) {
        ASSERT_LT(scale.to_ns(cycles - 2), ns) << frequency << " Hz, " << ns << " ns";
    }
}

TEST(ClockScale, ADeadlineIsReachedWhenItsCycleComesAndHardlyBefore) {
    std::mt19937_64 random(1);
    for (const std::uint64_t frequency : kFrequencies) {
        for (const std::uint64_t ns : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{41},
                                       kSecond, 1000 * kSecond, kDay, 3650 * kDay}) {
            expect_just_reached(frequency, ns);
        }
        for (int round = 0; round < 20'000; ++round) {
            expect_just_reached(frequency, random() % (3650 * kDay) >> random() % 59);
        }
    }
    for (int round = 0; round < 20'000; ++round) {
        expect_just_reached(100'000 + random() % 8'000'000'000, random() % (3650 * kDay));
    }
}

// What the review of an earlier version found: factors that were both truncated.
TEST(ClockScale, OddFrequenciesAreNotEarlyAfterAThousandSecondsOrADay) {
    const ClockScale odd(999'987'123);
    EXPECT_GE(odd.to_ns(odd.to_cycles(1000 * kSecond)), 1000 * kSecond);
    const ClockScale slow(24'000'000);
    EXPECT_GE(slow.to_ns(slow.to_cycles(kDay)), kDay);
    EXPECT_LE(slow.to_ns(slow.to_cycles(kDay)), kDay + 42);
}

TEST(ClockScale, ExactFrequenciesStayExact) {
    const ClockScale scale(kSecond);
    EXPECT_EQ(scale.to_cycles(0), 0u);
    EXPECT_EQ(scale.to_cycles(kDay), kDay);
    EXPECT_EQ(scale.to_ns(kDay), kDay);
    EXPECT_EQ(ClockScale().to_cycles(kDay), kDay);
    EXPECT_EQ(ClockScale(62'500'000).to_ns(62'500'000), kSecond);
    EXPECT_EQ(ClockScale(62'500'000).to_cycles(16), 1u);
    EXPECT_EQ(ClockScale(62'500'000).to_cycles(17), 2u);
}

TEST(ClockScale, ForEverStaysForEver) {
    for (const std::uint64_t frequency : kFrequencies) {
        const ClockScale scale(frequency);
        EXPECT_EQ(scale.to_cycles(ClockScale::kForEver), ClockScale::kForEver);
        EXPECT_EQ(scale.to_cycles(ClockScale::kForEver - 5), ClockScale::kForEver);
        EXPECT_EQ(scale.to_cycles(ClockScale::kForEver >> 1), ClockScale::kForEver);
    }
    EXPECT_EQ(ClockScale(9'999'999'967).to_cycles((ClockScale::kForEver >> 1) - 1),
              ClockScale::kForEver);
}

}  // namespace
}  // namespace fathom
