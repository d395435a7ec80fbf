// Formatting: what each placeholder makes of its argument, and what happens at a buffer's end.

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

#include <lib/format.hpp>

namespace fathom {
namespace {

template <typename... Args>
std::string formatted(FormatString<std::type_identity_t<Args>...> format, const Args&... args) {
    char buffer[512];
    BufferSink sink(buffer);
    format_to(sink, format, args...);
    return std::string(sink.text());
}

TEST(Format, WritesIntegersOfEverySize) {
    EXPECT_EQ(formatted("{} {} {}", 0, -1, 42u), "0 -1 42");
    EXPECT_EQ(formatted("{}", INT64_MIN), "-9223372036854775808");
    EXPECT_EQ(formatted("{}", UINT64_MAX), "18446744073709551615");
    EXPECT_EQ(formatted("{} {}", std::uint8_t{200}, std::int8_t{-100}), "200 -100");
}

TEST(Format, WritesHexadecimalAndFillsWithZeros) {
    EXPECT_EQ(formatted("{:x} {:08x} {:04x}", 255, 0xbeefu, 0x12345), "ff 0000beef 12345");
    EXPECT_EQ(formatted("{:x}", UINT64_MAX), "ffffffffffffffff");
    EXPECT_EQ(formatted("{:05}", -42), "-0042");
}

TEST(Format, PadsToEitherSide) {
    EXPECT_EQ(formatted("[{:>6}][{:<6}][{:6}][{:6}]", 12, 34, 56, "ab"),
              "[    12][34    ][    56][ab    ]");
    EXPECT_EQ(formatted("[{:>2}]", "longer"), "[longer]");
}

TEST(Format, WritesTextBooleansCharactersAndErrors) {
    EXPECT_EQ(formatted("{} {} {} {}", "text", std::string_view("view"), true, 'c'),
              "text view true c");
    EXPECT_EQ(formatted("{}", static_cast<const char*>(nullptr)), "(null)");
    EXPECT_EQ(formatted("{:>10}|", Error::truncated), " truncated|");
}

TEST(Format, WritesAddressesWithAllTheirDigits) {
    EXPECT_EQ(formatted("{}", VirtAddr{0xffff'8000'0000'1000}), "0xffff800000001000");
    EXPECT_EQ(formatted("{}", PhysAddr{0x1000}), "0x0000000000001000");
    EXPECT_EQ(formatted("{:x}", PhysAddr{0x1000}), "1000");
    EXPECT_EQ(formatted("[{:>20}]", PhysAddr{1}), "[  0x0000000000000001]");
    EXPECT_EQ(formatted("{}", PageCount(7)), "7");
    EXPECT_EQ(formatted("{}", reinterpret_cast<void*>(16)), "0x0000000000000010");
}

TEST(Format, WritesBracesThatAreDoubled) { EXPECT_EQ(formatted("{{}} {{{}}}", 1), "{} {1}"); }

TEST(Format, CutsAtTheBuffersEndAndMarksIt) {
    char buffer[8];
    BufferSink sink(buffer);
    format_to(sink, "{}", "12345678");
    EXPECT_EQ(sink.text(), "12345678");
    EXPECT_FALSE(sink.cut());
    format_to(sink, "{:>100}", 9);
    EXPECT_EQ(sink.text(), "12345...");
    EXPECT_TRUE(sink.cut());
    sink.clear();
    sink.write("ab");
    EXPECT_EQ(sink.text(), "ab");
    BufferSink nothing(std::span<char>{});
    nothing.write("x");
    EXPECT_TRUE(nothing.cut());
}

TEST(Format, AgreesWithPrintfOnRandomNumbers) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t value = random() >> random() % 64;
        char expected[128];
        std::snprintf(expected, sizeof expected, "%llu %lld %llx %016llx %20llu|%-20lld|",
                      static_cast<unsigned long long>(value), static_cast<long long>(value),
                      static_cast<unsigned long long>(value),
                      static_cast<unsigned long long>(value),
                      static_cast<unsigned long long>(value), static_cast<long long>(value));
        const auto as_signed = static_cast<std::int64_t>(value);
        EXPECT_EQ(formatted("{} {} {:x} {:016x} {:>20}|{:<20}|", value, as_signed, value, value,
                            value, as_signed),
                  expected);
    }
}

}  // namespace
}  // namespace fathom
