// What the kernel command line may ask for.
//
//     run=search,park,tests   what to do after boot, in this order; also figures, monitor
//     pattern=ERE             what the search looks for
//     threads=N               how many threads search (1 to 4096)
//     stack=SIZE              their stacks and the parked threads' (8K to 1G)
//     matches=N | all         how many matching lines are printed
//     park=N                  how many threads are parked (0 to 60000)
//     test=GLOB               which tests run
//     panic_test=NAME         break the kernel in this way, and do nothing else
//     adversary=NAME          run the tests against an adversary: docs/adversaries.md
//     deadline_scale=N        tests may take N times as long: for runs without -icount
//     seed=N                  jitters the preemption timer; 0 means not at all
//     cpus=N                  start at most N CPUs
//     cpu_patience=MS         a CPU that is started may take so long; 0: all are late, for a test
//     trace=on | off          trace events
//     semihosting=0 | 1       aarch64: end the machine through QEMU's semihosting
//
// A word that is unknown or has a bad value is reported and its default used: a wrong word never
// keeps the kernel from running.
//
// Owns:    Options and read_options().
// Context: any.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lib/units.hpp>

namespace fathom {

/// Text of bounded length, kept by value.
template <std::size_t capacity>
class ShortText {
public:
    constexpr ShortText() = default;
    constexpr explicit ShortText(std::string_view text) { assign(text); }
    /// False, and nothing kept, if it is too long.
    constexpr bool assign(std::string_view text) {
        if (text.size() > capacity) {
            return false;
        }
        text.copy(text_, text.size());
        size_ = text.size();
        return true;
    }
    constexpr std::string_view view() const { return {text_, size_}; }

private:
    char text_[capacity] = {};
    std::size_t size_ = 0;
};

/// The choices, each with its default.
struct Options {
    static constexpr std::size_t kMaxPattern = 256;
    static constexpr std::size_t kMaxComplaints = 8;
    static constexpr std::uint64_t kAllMatches = ~0ull;

    bool run_search = true;
    bool run_park = true;
    bool run_tests = true;
    bool run_figures = false;
    bool run_monitor = false;
    bool trace = true;
    std::uint32_t threads = 64;
    std::uint32_t parked_threads = 10'000;
    std::uint32_t cpus = ~0u;
    std::uint32_t cpu_patience_ms = 1000;
    std::uint32_t deadline_scale = 1;
    std::uint64_t stack_bytes = MiB(1);
    std::uint64_t matches = 20;
    std::uint64_t seed = 0;
    ShortText<kMaxPattern> pattern{"(storm|fathom|lead)[a-z]*[, ].*(deep|dark|mud|ooze)"};
    ShortText<kMaxPattern> test_glob{"*"};
    ShortText<64> panic_test;  ///< empty: none
    ShortText<40> adversary;   ///< empty: none

    /// A word that was not understood, and what would have been.
    struct Complaint {
        ShortText<40> word;  ///< its beginning
        const char* advice = "";
    };
    Complaint complaints[kMaxComplaints];
    std::size_t complaint_count = 0;  ///< may exceed kMaxComplaints: so many there were
};

/// Reads the whole line into `options`.
/// Context: any.
void read_options(std::string_view command_line, Options& options);

/// Logs the complaints, each with what to write instead.
/// Context: any.
void log_complaints(const Options& options);

}  // namespace fathom
