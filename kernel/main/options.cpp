// From the command line to Options: a table of keys, each with its range and its advice.
//
// Context: any.

#include <main/options.hpp>

#include <lib/boot_info.hpp>
#include <lib/command_line.hpp>

namespace fathom {
namespace {

constexpr const char* kUnclosedQuote = "a quote is never closed; it was taken to end with the line";
constexpr const char* kUnknownKey =
    "no such option; there are run, pattern, threads, stack, matches, park, test, panic_test, "
    "adversary, deadline_scale, seed, cpus, cpu_patience, trace, semihosting";

void complain(Options& options, std::string_view word, const char* advice) {
    if (options.complaint_count < Options::kMaxComplaints) {
        Options::Complaint& complaint = options.complaints[options.complaint_count];
        complaint.word.assign(word.substr(0, 40));
        complaint.advice = advice;
    }
    ++options.complaint_count;
}

/// A number in [low, high], or nothing.
template <typename T>
bool take_number(std::string_view text, std::uint64_t low, std::uint64_t high, T& out) {
    const auto value = parse_number(text);
    if (!value.ok() || *value < low || *value > high) {
        return false;
    }
    out = static_cast<T>(*value);
    return true;
}

// A list such as "search,tests"; "none" is an empty one.
bool take_run(std::string_view text, Options& options) {
    bool search = false, park = false, tests = false, figures = false, monitor = false;
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        text.remove_prefix(item.size() == text.size() ? item.size() : item.size() + 1);
        search |= item == "search" || item == "all";
        park |= item == "park" || item == "all";
        tests |= item == "tests" || item == "all";
        figures |= item == "figures";
        monitor |= item == "monitor";
        if (item != "search" && item != "park" && item != "tests" && item != "figures" &&
            item != "monitor" && item != "all" && item != "none") {
            return false;
        }
    }
    options.run_search = search;
    options.run_park = park;
    options.run_tests = tests;
    options.run_figures = figures;
    options.run_monitor = monitor;
    return true;
}

bool take_switch(std::string_view text, bool& out) {
    if (text != "on" && text != "off") {
        return false;
    }
    out = text == "on";
    return true;
}

bool take_matches(std::string_view text, Options& options) {
    if (text == "all") {
        options.matches = Options::kAllMatches;
        return true;
    }
    return take_number(text, 0, ~0ull, options.matches);
}

enum class Key : std::uint8_t {
    run,
    pattern,
    threads,
    stack,
    matches,
    park,
    test,
    panic_test,
    adversary,
    deadline_scale,
    seed,
    cpus,
    cpu_patience,
    trace,
    semihosting
};

struct KnownKey {
    std::string_view name;
    Key key;
    const char* advice;
};
constexpr KnownKey kKnownKeys[] = {
    {"run", Key::run, "run takes a list of search, park, tests, figures, monitor, all or none"},
    {"pattern", Key::pattern, "a pattern has 1 to 256 characters"},
    {"threads", Key::threads, "threads is a number from 1 to 4096"},
    {"stack", Key::stack, "stack is a size from 8K to 1G"},
    {"matches", Key::matches, "matches is a number or all"},
    {"park", Key::park, "park is a number from 0 to 60000"},
    {"test", Key::test, "a test glob has 1 to 256 characters"},
    {"panic_test", Key::panic_test, "panic_test is the name of a trigger (tests/expect_panic)"},
    {"adversary", Key::adversary,
     "adversary is sweep, shadow, evict:SEED or step-evict (docs/adversaries.md)"},
    {"deadline_scale", Key::deadline_scale, "deadline_scale is a number from 1 to 100000"},
    {"seed", Key::seed, "seed is a number of up to 64 bits"},
    {"cpus", Key::cpus, "cpus is a number from 1 up"},
    {"cpu_patience", Key::cpu_patience, "cpu_patience is a number of ms from 0 to 60000"},
    {"trace", Key::trace, "trace is on or off"},
    {"semihosting", Key::semihosting, "semihosting is 0 or 1"},
};

/// Stores a value in its place; false if it is not one.
bool take_value(Key key, std::string_view text, Options& options) {
    switch (key) {
    case Key::run: return take_run(text, options);
    case Key::pattern: return !text.empty() && options.pattern.assign(text);
    case Key::threads: return take_number(text, 1, 4096, options.threads);
    case Key::stack: return take_number(text, KiB(8), GiB(1), options.stack_bytes);
    case Key::matches: return take_matches(text, options);
    case Key::park: return take_number(text, 0, 60'000, options.parked_threads);
    case Key::test: return !text.empty() && options.test_glob.assign(text);
    case Key::deadline_scale: return take_number(text, 1, 100'000, options.deadline_scale);
    case Key::seed: return take_number(text, 0, ~0ull, options.seed);
    case Key::cpus: return take_number(text, 1, ~0u, options.cpus);
    case Key::cpu_patience: return take_number(text, 0, 60'000, options.cpu_patience_ms);
    case Key::panic_test: return !text.empty() && options.panic_test.assign(text);
    case Key::adversary: return !text.empty() && options.adversary.assign(text);
    case Key::trace: return take_switch(text, options.trace);
    case Key::semihosting: return text == "0" || text == "1";  // arch/<arch>/power.cpp reads it
    }
    __builtin_unreachable();
}

/// Takes one word; null if it is fine, else the advice.
const char* take_word(const CommandLine::Word& word, Options& options) {
    for (const KnownKey& known : kKnownKeys) {
        if (word.key == known.name) {
            const bool taken = word.has_value && take_value(known.key, word.value, options);
            return taken ? nullptr : known.advice;
        }
    }
    return kUnknownKey;
}

}  // namespace

[[gnu::cold]] void read_options(std::string_view command_line, Options& options) {
    const CommandLine line(command_line);
    for (std::size_t place = 0; const auto word = line.next(place);) {
        if (const char* advice = take_word(*word, options)) {
            // The key and the value are parts of one word: from the one's begin to the other's end.
            const char* end = word->has_value ? word->value.data() + word->value.size()
                                              : word->key.data() + word->key.size();
            complain(options, {word->key.data(), static_cast<std::size_t>(end - word->key.data())},
                     advice);
        }
    }
    if (line.unclosed_quote()) {
        complain(options, command_line, kUnclosedQuote);
    }
}

}  // namespace fathom
