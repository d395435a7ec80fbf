// Counting guest instructions: what an operation costs once warm.
//
// Owns:    measure(), print_figure().
// Context: preemptible. Exact under -icount with one CPU (docs/measuring.md); elsewhere indicative.

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <arch/timer.hpp>
#include <context/log.hpp>
#include <context/witness.hpp>

namespace fathom {

/// Prints one figure in the form that tools/figures.py reads.
/// Context: any.
inline void print_figure(const char* name, std::uint64_t value, const char* unit) {
    log("figure: {} {} {}", name, value, unit);
}

inline constexpr unsigned kWarmRounds = 64;
inline constexpr unsigned kRounds = 101;

/// The least that two readings of the counter can be apart.
inline std::uint64_t empty_pair() {
    std::uint64_t least = ~0ull;
    for (unsigned i = 0; i < 16; ++i) {
        const std::uint64_t begin = arch::read_cycles();
        const std::uint64_t end = arch::read_cycles();
        least = std::min(least, end - begin);
    }
    return least;
}

using Samples = std::array<std::uint64_t, kRounds>;

inline std::uint64_t median(Samples& samples) {
    std::nth_element(samples.begin(), samples.begin() + kRounds / 2, samples.end());
    return samples[kRounds / 2];
}

/// Cycles of one `operation()`, the counter's own cost taken off: the median of 101 after 64 warm
/// rounds, so that a tick in between does not show.
/// Context: preemptible, may fault.
template <typename Operation>
[[gnu::noinline]] std::uint64_t measure(Operation&& operation) {
    for (unsigned i = 0; i < kWarmRounds; ++i) {
        operation();
    }
    const std::uint64_t empty = empty_pair();
    Samples samples;
    for (std::uint64_t& sample : samples) {
        const std::uint64_t begin = arch::read_cycles();
        operation();
        sample = arch::read_cycles() - begin - empty;
    }
    return median(samples);
}

// The groups of figures; each prints its own.
void measure_heap(Preemptible here);
void measure_switches(Preemptible here);
void measure_thread_life(Preemptible here);
void measure_stack_faults(Preemptible here);
void measure_parked_threads(Preemptible here);

}  // namespace fathom
