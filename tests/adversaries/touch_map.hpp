// Which bytes of a thread's stack count as touched: those at or above sp in a live frame, by the
// very instructions that touched them. What lies below sp is forgotten as soon as sp rises; but sp
// itself counts then, since nobody takes the page that holds it.
//
// Owns:    TouchMap: a bit for each word of the 64 KiB around sp.
// Context: any; one thread at a time.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <lib/units.hpp>

namespace fathom {

class TouchMap {
public:
    static constexpr std::uint64_t kSpan = KiB(64);

    /// Notes a touch. One that is out of reach (a stack pointer that was set elsewhere, a very deep
    /// call) starts the map anew there, with that byte alone.
    void touch(VirtAddr at) {
        if (at < bottom_ || at >= bottom_ + kSpan) {
            start_at(at);
        }
        const std::size_t bit = bit_of(at);
        words_[bit / 64] |= std::uint64_t{1} << bit % 64;
        if (bit < lowest_) {
            lowest_ = bit;
        }
    }

    /// The stack pointer is at `sp` now: nothing below it counts any more. Where touched bytes on
    /// both sides of it were no further apart than a page, one of them is in the page of `sp`.
    void forget_below(VirtAddr sp) {
        if (sp <= bottom_) {
            return;
        }
        const std::size_t end = sp < bottom_ + kSpan ? bit_of(sp) : kBits;
        if (end != kBits && lowest_ < end && is_around(end)) {
            words_[end / 64] |= std::uint64_t{1} << end % 64;
        }
        for (; lowest_ < end && lowest_ % 64 != 0; ++lowest_) {
            words_[lowest_ / 64] &= ~(std::uint64_t{1} << lowest_ % 64);
        }
        for (; lowest_ + 64 <= end; lowest_ += 64) {
            words_[lowest_ / 64] = 0;
        }
        for (; lowest_ < end; ++lowest_) {
            words_[lowest_ / 64] &= ~(std::uint64_t{1} << lowest_ % 64);
        }
    }

    /// The lowest touched byte at or above `sp`; `sp` itself where none is known.
    VirtAddr lowest_from(VirtAddr sp) const {
        if (sp < bottom_ || sp >= bottom_ + kSpan) {
            return sp;
        }
        std::size_t bit = bit_of(sp);
        std::uint64_t word = words_[bit / 64] & ~std::uint64_t{0} << bit % 64;
        for (std::size_t index = bit / 64;; word = words_[index]) {
            if (word != 0) {
                bit = index * 64 + static_cast<std::size_t>(std::countr_zero(word));
                const VirtAddr at = bottom_ + bit * kWordBytes;
                return at < sp ? sp : at;
            }
            if (++index == kBits / 64) {
                return sp;
            }
        }
    }

private:
    static constexpr std::uint64_t kWordBytes = 8;
    static constexpr std::size_t kBits = kSpan / kWordBytes;
    /// So much of the span lies above the byte that it is started with.
    static constexpr std::uint64_t kAbove = KiB(16);

    bool is_set(std::size_t bit) const { return (words_[bit / 64] >> bit % 64 & 1) != 0; }
    /// Whether touched bytes lie on both sides of a word, at most a page apart.
    bool is_around(std::size_t middle) const {
        std::size_t below = middle;
        while (below > lowest_ && !is_set(below - 1)) {
            --below;
        }
        const VirtAddr above = lowest_from(bottom_ + middle * kWordBytes);
        return below > lowest_ && is_set(bit_of(above)) &&
               above - (bottom_ + (below - 1) * kWordBytes) <= kPageSize;
    }

    std::size_t bit_of(VirtAddr at) const { return (at - bottom_) / kWordBytes; }

    void start_at(VirtAddr at) {
        bottom_ = {align_down(at.value, kPageSize) + kAbove - kSpan};
        for (std::uint64_t& word : words_) {
            word = 0;
        }
        lowest_ = kBits;
    }

    VirtAddr bottom_;
    std::size_t lowest_ = 0;  ///< no bit below this one is set
    std::uint64_t words_[kBits / 64] = {};
};

}  // namespace fathom
