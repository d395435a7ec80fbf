// How the jobs print what they found: tables of one width, numbers that can be read.
//
// Owns:    Grouped, report rows, DepthHistogram.
// Context: any.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lib/units.hpp>

namespace fathom {

/// A number with its digits in groups of three: 67,108,864.
class Grouped {
public:
    explicit Grouped(std::uint64_t value);
    std::string_view view() const { return {text_ + begin_, sizeof text_ - begin_}; }

private:
    char text_[26];
    std::size_t begin_ = sizeof text_;
};

/// One row of a table: `label`, `value` to the right, `unit`. Fits 80 columns.
/// Context: any.
void report_row(std::string_view label, std::uint64_t value, std::string_view unit);
/// As report_row() for a value in thousandths, with one decimal: 1234 is 1.2.
/// Context: any.
void report_row_thousandths(std::string_view label, std::uint64_t value, std::string_view unit);

/// How many threads went how deep, in powers of two of pages.
class DepthHistogram {
public:
    /// Pages 1, 2, 3-4, 5-8, ... up to the 262,144 of a stack of 1 GiB.
    static constexpr std::size_t kBuckets = 20;

    void add(PageCount depth) {
        ++threads_[depth.value <= 1 ? 0 : std::bit_width(depth.value - 1)];
    }
    /// Prints a row for each bucket up to the last that is not empty.
    /// Context: any.
    void report() const;

private:
    std::array<std::uint32_t, kBuckets> threads_{};
};

}  // namespace fathom
