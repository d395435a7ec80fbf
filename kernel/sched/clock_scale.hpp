// Nanoseconds from cycles and back, by fixed-point factors.
//
// The way back is derived from the way there, not from the frequency: ns_per_cycle_ is rounded
// down, so a clock that reads it is a little slow, and a deadline computed from the true frequency
// would come before the clock shows it. As it is, to_ns(to_cycles(ns)) >= ns, always.
//
// Owns:    ClockScale.
// Context: any; no state but the factors. Host tests drive it.

#pragma once

#include <bit>
#include <cstdint>

namespace fathom {

class ClockScale {
public:
    /// "For ever", in either unit.
    static constexpr std::uint64_t kForEver = ~std::uint64_t{0};

    /// A cycle is a nanosecond.
    constexpr ClockScale() = default;

    /// `frequency` is cycles per second, not 0.
    constexpr explicit ClockScale(std::uint64_t frequency)
        : ns_per_cycle_((kNsPerSecond << 32) / frequency) {
        // 1 / ns_per_cycle_, rounded up, with as many bits as one word has but one.
        shift_ = 62 + static_cast<unsigned>(std::bit_width(ns_per_cycle_)) - 33;
        cycles_per_ns_ = static_cast<std::uint64_t>(
            ((Wide{1} << (32 + shift_)) + ns_per_cycle_ - 1) / ns_per_cycle_);
    }

    constexpr std::uint64_t to_ns(std::uint64_t cycles) const {
        return static_cast<std::uint64_t>(Wide{cycles} * ns_per_cycle_ >> 32);
    }

    /// The first cycle at which to_ns() has reached `ns`, or one a little later (one cycle in 2^62
    /// nanoseconds). What no counter reaches, "for ever" above all, is for ever.
    constexpr std::uint64_t to_cycles(std::uint64_t ns) const {
        const Wide cycles = (Wide{ns} * cycles_per_ns_ + (Wide{1} << shift_) - 1) >> shift_;
        return cycles >= kForEver || ns >= kForEver >> 1 ? kForEver
                                                         : static_cast<std::uint64_t>(cycles);
    }

private:
    using Wide = unsigned __int128;
    static constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

    std::uint64_t ns_per_cycle_ = std::uint64_t{1} << 32;   ///< in 2^-32
    std::uint64_t cycles_per_ns_ = std::uint64_t{1} << 62;  ///< in 2^-shift_
    unsigned shift_ = 62;
};

}  // namespace fathom
