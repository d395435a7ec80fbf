// The regular expressions against the host's grep -E, and the limits that keep them harmless.
//
// What would break without it: a matcher that loses a way back, a compiler that moves code wrongly
// when it writes out {m,n}, a loop over nothing that never ends.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <lib/regex.hpp>

namespace fathom {
namespace {

constexpr Regex::Limits kPlenty{.stack_bytes = 4 << 20, .steps = 50'000'000};

bool matches(std::string_view pattern, std::string_view line) {
    Regex regex;
    const auto error = regex.compile(pattern);
    EXPECT_FALSE(error) << pattern << ": " << error->sentence << " at " << error->position;
    const MatchOutcome outcome = regex.search(line, kPlenty);
    EXPECT_TRUE(outcome == MatchOutcome::found || outcome == MatchOutcome::none) << pattern;
    return outcome == MatchOutcome::found;
}

std::optional<PatternError> error_of(std::string_view pattern) { return Regex().compile(pattern); }

TEST(Regex, MatchesLiteralsAnywhereInTheLine) {
    EXPECT_TRUE(matches("sea", "the sea"));
    EXPECT_TRUE(matches("", ""));
    EXPECT_FALSE(matches("sea", "the se a"));
}

TEST(Regex, AnchorsMeanTheEndsOfTheLine) {
    EXPECT_TRUE(matches("^a$", "a"));
    EXPECT_FALSE(matches("^a$", "ba"));
    EXPECT_TRUE(matches("^$", ""));
    EXPECT_FALSE(matches("^$", "x"));
    EXPECT_FALSE(matches("a^b", "a^b"));
}

TEST(Regex, RepeatsAreCounted) {
    EXPECT_TRUE(matches("^(ab){2,3}$", "abab"));
    EXPECT_TRUE(matches("^(ab){2,3}$", "ababab"));
    EXPECT_FALSE(matches("^(ab){2,3}$", "ab"));
    EXPECT_FALSE(matches("^(ab){2,3}$", "abababab"));
    EXPECT_TRUE(matches("^a{0}b$", "b"));
    EXPECT_TRUE(matches("^a{2,}$", "aaaaa"));
    EXPECT_FALSE(matches("^a{2,}$", "a"));
    EXPECT_TRUE(matches("^(a|bc){0,2}$", "bca"));
}

TEST(Regex, LoopsOverNothingEnd) {
    EXPECT_TRUE(matches("^(a*)*$", "aaa"));
    EXPECT_FALSE(matches("^(a*)*$", "aab"));
    EXPECT_TRUE(matches("^(a*|b)+$", "abab"));
    EXPECT_TRUE(matches("(x*){5}y", "xxy"));
    EXPECT_TRUE(matches("^()*$", ""));
    EXPECT_TRUE(matches("^((a|)+b)*c$", "abbabc"));
}

TEST(Regex, BracketsHoldRangesAndClasses) {
    EXPECT_TRUE(matches("^[]a-c-]+$", "a-]b"));
    EXPECT_FALSE(matches("^[^]a]$", "]"));
    EXPECT_TRUE(matches("^[[:alpha:]_][[:alnum:]_]*$", "name_7"));
    EXPECT_FALSE(matches("^[[:digit:]]+$", "12x"));
    EXPECT_TRUE(matches("^[^a]$", "\xff"));
}

TEST(Regex, RefusesBrokenPatternsAndSaysWhere) {
    const std::vector<std::pair<const char*, std::size_t>> broken = {
        {"a(b", 1}, {"a)b", 1},       {"*a", 0},           {"a|*b", 2},  {"[a", 0},
        {"a{2", 1}, {"a{3,2}", 1},    {"a{256}", 2},       {"a{,2}", 2}, {"x\\", 1},
        {"\\w", 0}, {"\\1", 0},       {"[[:nope:]]", 1},   {"[b-a]", 1}, {"[[.a.]]", 1},
        {"^*", 1},  {"[[:alpha:", 1}, {"[a-[:digit:]]", 3}};
    for (const auto& [pattern, position] : broken) {
        const auto error = error_of(pattern);
        ASSERT_TRUE(error) << pattern;
        EXPECT_EQ(error->position, position) << pattern << ": " << error->sentence;
    }
}

TEST(Regex, RefusesPatternsThatGrowTooLarge) {
    EXPECT_TRUE(error_of("((a{50}){50}){50}"));
    EXPECT_TRUE(error_of(std::string(5000, 'a')));
    EXPECT_TRUE(error_of(std::string(40, '(') + "a" + std::string(40, ')')));
    std::string many_empty_loops;
    for (int i = 0; i < 70; ++i) {
        many_empty_loops += "(a*)*";
    }
    EXPECT_TRUE(error_of(many_empty_loops));
    // Nothing, repeated for ever deeper, stays nothing.
    EXPECT_FALSE(error_of("((((){255}){255}){255}){255}"));
}

TEST(Regex, GivesUpWhereItsStepsAreUsedUp) {
    Regex regex;
    ASSERT_FALSE(regex.compile("(a|a)*(a|a)*(a|a)*b"));
    EXPECT_EQ(regex.search(std::string(40, 'a'), {.stack_bytes = 1 << 20, .steps = 100'000}),
              MatchOutcome::too_long);
}

TEST(Regex, GivesUpWhereItsStackIsUsedUp) {
    Regex regex;
    ASSERT_FALSE(regex.compile("x.*y"));
    const std::string line = "x" + std::string(100'000, '.') + "y";
    EXPECT_EQ(regex.search(line, {.stack_bytes = 16 << 10, .steps = 10'000'000}),
              MatchOutcome::too_deep);
    EXPECT_EQ(regex.search(line.substr(0, 20) + "y", {.stack_bytes = 64 << 10, .steps = 10'000}),
              MatchOutcome::found);
}

TEST(Regex, MatchesNothingAfterAnError) {
    Regex regex;
    ASSERT_TRUE(regex.compile("a("));
    EXPECT_EQ(regex.search("a", kPlenty), MatchOutcome::none);
}

// A random pattern of the common subset over a small alphabet, so that matches are not rare.
class PatternMaker {
public:
    explicit PatternMaker(unsigned seed) : random_(seed) {}

    std::string alternatives(int depth) {
        std::string pattern = sequence(depth);
        while (one_in(4)) {
            pattern += "|" + sequence(depth);
        }
        return pattern;
    }
    std::string line() {
        std::string text;
        for (int length = below(14); length > 0; --length) {
            text += "abc-]1 "[below(7)];
        }
        return text;
    }

private:
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    bool one_in(int count) { return below(count) == 0; }

    std::string sequence(int depth) {
        std::string pattern = one_in(8) ? "^" : "";
        for (int pieces = 1 + below(3); pieces > 0; --pieces) {
            pattern += atom(depth) + repeat();
        }
        return pattern + (one_in(8) ? "$" : "");
    }
    std::string atom(int depth) {
        static const char* const kAtoms[] = {
            "a",      "b",           "c",   ".",   "[ab]",         "[^a]",
            "[]a-b]", "[[:digit:]]", "\\.", "\\-", "[[:space:]c]", "1"};
        if (depth > 0 && one_in(3)) {
            return "(" + alternatives(depth - 1) + ")";
        }
        return kAtoms[below(12)];
    }
    std::string repeat() {
        static const char* const kRepeats[] = {"*",     "+",    "?",     "{2}",
                                               "{0,2}", "{1,}", "{1,3}", "{0}"};
        return one_in(2) ? kRepeats[below(8)] : "";
    }

    std::mt19937 random_;
};

std::set<int> lines_that_grep_finds(const std::string& pattern, const std::string& file) {
    // The generator makes no single quotes.
    const std::string command = "LC_ALL=C grep -aEn -e '" + pattern + "' '" + file + "'";
    std::set<int> numbers;
    FILE* pipe = popen(command.c_str(), "r");
    char line[256];
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
        numbers.insert(std::atoi(line));
    }
    EXPECT_NE(WEXITSTATUS(pclose(pipe)), 2) << "grep refuses " << pattern;
    return numbers;
}

TEST(Regex, FindsTheSameLinesAsGrep) {
    const std::string file = testing::TempDir() + "/fathom_regex_lines." + std::to_string(getpid());
    PatternMaker maker(20261122);
    std::vector<std::string> lines;
    std::ofstream out(file);
    for (int i = 0; i < 200; ++i) {
        lines.push_back(maker.line());
        out << lines.back() << "\n";
    }
    out.close();
    int found_in_total = 0;
    for (int round = 0; round < 400; ++round) {
        const std::string pattern = maker.alternatives(3);
        Regex regex;
        if (regex.compile(pattern)) {
            continue;  // too large once written out
        }
        std::set<int> found;
        bool gave_up = false;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const MatchOutcome outcome = regex.search(lines[i], kPlenty);
            gave_up |= outcome == MatchOutcome::too_long || outcome == MatchOutcome::too_deep;
            if (outcome == MatchOutcome::found) {
                found.insert(static_cast<int>(i) + 1);
            }
        }
        if (gave_up) {
            continue;
        }
        EXPECT_EQ(found, lines_that_grep_finds(pattern, file)) << pattern;
        found_in_total += static_cast<int>(found.size());
    }
    std::remove(file.c_str());
    EXPECT_GT(found_in_total, 10'000);
}

}  // namespace
}  // namespace fathom
