// Counting guest instructions: what an operation costs the first time, once warm, and at worst.
//
// Owns:    measure(), print_figure(), print_cycles().
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

/// What a cycle of the counter is: an instruction under -icount, else a moment of real time. Set by
/// run_figures() before anything is measured.
inline constinit const char* unit_of_cycles = "instructions";

/// As print_figure(), of something that was measured by the counter.
/// Context: any.
inline void print_cycles(const char* name, std::uint64_t cycles) {
    print_figure(name, cycles, unit_of_cycles);
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

/// What one operation takes, in cycles.
struct Cost {
    std::uint64_t cold = 0;   ///< the first time in this boot
    std::uint64_t warm = 0;   ///< the median of 101 after 64 more, so that a tick does not show
    std::uint64_t worst = 0;  ///< the most of the 101: here it shows
};

/// Three figures: NAME, NAME.cold and NAME.worst.
/// Context: any.
inline void print_cost(const char* name, const Cost& cost) {
    print_cycles(name, cost.warm);
    log("figure: {}.cold {} {}", name, cost.cold, unit_of_cycles);
    log("figure: {}.worst {} {}", name, cost.worst, unit_of_cycles);
}

/// Cycles of one `operation()`, the counter's own cost taken off. One thread measures at a time.
/// Context: preemptible, may fault.
template <typename Operation>
[[gnu::noinline]] Cost measure(Operation&& operation) {
    const std::uint64_t empty = empty_pair();
    const auto once = [&] {
        const std::uint64_t begin = arch::read_cycles();
        operation();
        return arch::read_cycles() - begin - empty;
    };
    Cost cost{.cold = once()};
    for (unsigned i = 1; i < kWarmRounds; ++i) {
        operation();
    }
    // Not in the frame: there they would lie untouched, with pointers to them about, and no section
    // of an operation could have a window of 0.
    static constinit Samples samples{};
    for (std::uint64_t& sample : samples) {
        sample = once();
    }
    cost.worst = *std::max_element(samples.begin(), samples.end());
    cost.warm = median(samples);
    return cost;
}

// The groups of figures; each prints its own.
void measure_heap(Preemptible here);
void measure_switches(Preemptible here);
void measure_sections(Preemptible here);
void measure_interrupts(Preemptible here);
void measure_thread_life(Preemptible here);
void measure_stack_faults(Preemptible here);
void measure_deep_calls(Preemptible here);
void measure_parked_threads(Preemptible here);
void measure_touched_stacks(Preemptible here);
void measure_scaling(Preemptible here);
/// Part of measure_scaling(), with at least three CPUs.
void print_free_perf(Preemptible here);

}  // namespace fathom
