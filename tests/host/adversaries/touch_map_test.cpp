// Which bytes around sp count as touched.
//
// What would break without it: a shadow that calls a sound prefault a hole, or a hole sound.

#include <adversaries/touch_map.hpp>

#include <gtest/gtest.h>

namespace fathom {
namespace {

constexpr VirtAddr kSp{0x7fff'0000'8000};

TEST(TouchMap, WhatLiesBelowSpIsForgottenWhenItRises) {
    TouchMap map;
    map.touch(kSp + 64);
    map.touch(kSp);
    map.forget_below(kSp + 64);
    EXPECT_EQ(map.lowest_from(kSp).value, (kSp + 64).value);
}

TEST(TouchMap, AnUntouchedWordAtSpIsAGap) {
    TouchMap map;
    map.touch(kSp + 8);
    map.forget_below(kSp);
    EXPECT_EQ(map.lowest_from(kSp).value, (kSp + 8).value);
}

TEST(TouchMap, AfterACallThePageOfSpHasBeenTouched) {
    TouchMap map;
    map.touch(kSp + 8);
    map.touch(kSp - 8);  // the return address
    map.forget_below(kSp);
    EXPECT_EQ(map.lowest_from(kSp).value, kSp.value);
}

TEST(TouchMap, BytesOnBothSidesThatLeaveOutAPageSayNothingOfSp) {
    TouchMap map;
    map.touch(kSp + 4096);
    map.touch(kSp - 8);
    map.forget_below(kSp);
    EXPECT_EQ(map.lowest_from(kSp).value, (kSp + 4096).value);
}

TEST(TouchMap, TheNearestByteBelowCounts) {
    TouchMap map;
    map.touch(kSp + 2048);
    map.touch(kSp - 2048);
    map.touch(kSp - 8192);
    map.forget_below(kSp);
    EXPECT_EQ(map.lowest_from(kSp).value, kSp.value);
}

TEST(TouchMap, ATouchOutOfReachStartsAnew) {
    TouchMap map;
    map.touch(kSp);
    map.touch(kSp + (1 << 20));
    EXPECT_EQ(map.lowest_from(kSp + (1 << 20)).value, (kSp + (1 << 20)).value);
    EXPECT_EQ(map.lowest_from(kSp).value, kSp.value);
}

}  // namespace
}  // namespace fathom
