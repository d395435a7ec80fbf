// The command line, its numbers, globs and options: what is understood, and what does no harm.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include <lib/command_line.hpp>
#include <lib/glob.hpp>
#include <main/options.hpp>

namespace fathom {
namespace {

std::vector<std::pair<std::string, std::string>> words_of(std::string_view text) {
    const CommandLine line(text);
    std::vector<std::pair<std::string, std::string>> words;
    for (std::size_t place = 0; const auto word = line.next(place);) {
        words.emplace_back(word->key, word->value);
    }
    return words;
}
using Words = std::vector<std::pair<std::string, std::string>>;

TEST(CommandLine, SplitsWordsAtBlanks) {
    EXPECT_EQ(words_of("  a=1  b\tc=\n"), (Words{{"a", "1"}, {"b", ""}, {"c", ""}}));
    EXPECT_EQ(words_of(""), Words{});
}

TEST(CommandLine, QuotesKeepBlanksTogether) {
    EXPECT_EQ(words_of("\"p=a b\" q='c d' r=e\" \"f"),
              (Words{{"p", "a b"}, {"q", "c d"}, {"r", "e f"}}));
}

TEST(CommandLine, ReadsTheSpellingThatGrubWrites) {
    // pattern=a\.b and pattern="x" y, as tools/run quotes them.
    EXPECT_EQ(words_of(R"(p=a\\.b)"), (Words{{"p", R"(a\.b)"}}));
    EXPECT_EQ(words_of(R"("p=\"x\" y")"), (Words{{"p", "\"x\" y"}}));
    // What a user types without that care means the same.
    EXPECT_EQ(words_of(R"(p=a\.b)"), (Words{{"p", R"(a\.b)"}}));
}

TEST(CommandLine, TheLastWordOfAKeyCounts) {
    EXPECT_EQ(CommandLine("a=1 a=2").find("a"), "2");
    EXPECT_FALSE(CommandLine("a=1").find("b"));
}

TEST(CommandLine, SaysWhenAQuoteStaysOpen) {
    EXPECT_TRUE(CommandLine("a=\"b c").unclosed_quote());
    EXPECT_FALSE(CommandLine("a=\"b c\"").unclosed_quote());
}

TEST(CommandLine, ReadsNumbersWithSuffixes) {
    EXPECT_EQ(*parse_number("0"), 0u);
    EXPECT_EQ(*parse_number("0x1F"), 31u);
    EXPECT_EQ(*parse_number("64K"), 65'536u);
    EXPECT_EQ(*parse_number("1G"), 1u << 30);
    EXPECT_EQ(*parse_number("18446744073709551615"), ~0ull);
    for (const char* broken :
         {"", "K", "0x", "12a", "-1", "18446744073709551616", "17179869184G", " 1", "1 "}) {
        EXPECT_FALSE(parse_number(broken).ok()) << broken;
    }
    EXPECT_EQ(*CommandLine("n=5").number("n").value(), 5u);
    EXPECT_FALSE(CommandLine("n=x").number("n").ok());
    EXPECT_FALSE(CommandLine("m=5").number("n").value());
}

TEST(Glob, StarsAndQuestionMarks) {
    EXPECT_TRUE(glob_matches("*", ""));
    EXPECT_TRUE(glob_matches("mm: *", "mm: a page"));
    EXPECT_FALSE(glob_matches("mm: *", "mm:"));
    EXPECT_TRUE(glob_matches("*page*once", "a page is there once"));
    EXPECT_TRUE(glob_matches("a?c", "abc"));
    EXPECT_FALSE(glob_matches("a?c", "ac"));
    EXPECT_FALSE(glob_matches("", "x"));
    EXPECT_FALSE(glob_matches(std::string(60, '*') + "b", std::string(10'000, 'a')));
}

Options options_of(std::string_view line) {
    Options options;
    read_options(line, options);
    return options;
}

TEST(Options, AreTakenFromTheLine) {
    const Options options = options_of(
        "run=search,tests pattern='a b' threads=3 stack=64K matches=all park=0 "
        "test='mm: *' deadline_scale=50 seed=9 cpus=2 cpu_patience=0 trace=off");
    EXPECT_TRUE(options.run_search);
    EXPECT_FALSE(options.run_park);
    EXPECT_TRUE(options.run_tests);
    EXPECT_EQ(options.pattern.view(), "a b");
    EXPECT_EQ(options.threads, 3u);
    EXPECT_EQ(options.stack_bytes, 65'536u);
    EXPECT_EQ(options.matches, Options::kAllMatches);
    EXPECT_EQ(options.parked_threads, 0u);
    EXPECT_EQ(options.test_glob.view(), "mm: *");
    EXPECT_EQ(options.deadline_scale, 50u);
    EXPECT_EQ(options.seed, 9u);
    EXPECT_EQ(options.cpus, 2u);
    EXPECT_EQ(options.cpu_patience_ms, 0u);
    EXPECT_FALSE(options.trace);
    EXPECT_EQ(options.complaint_count, 0u);
}

TEST(Options, AWrongWordIsNamedAndItsDefaultKept) {
    for (const char* wrong : {"threads=0", "threads=4097", "threads=abc", "threads", "stack=1",
                              "run=dance", "trace=maybe", "nonsense=1", "cpus=0", "cpu_patience=-1",
                              "matches=-1", "pattern=", "=", "seed=0x"}) {
        const Options options = options_of(wrong);
        ASSERT_EQ(options.complaint_count, 1u) << wrong;
        EXPECT_EQ(options.complaints[0].word.view(), wrong);
        EXPECT_NE(std::string_view(options.complaints[0].advice), "");
        EXPECT_EQ(options.threads, Options().threads);
        EXPECT_EQ(options.stack_bytes, Options().stack_bytes);
    }
}

TEST(Options, AFloodOfWrongWordsIsCounted) {
    std::string flood;
    for (int i = 0; i < 400; ++i) {
        flood += "x ";
    }
    EXPECT_EQ(options_of(flood).complaint_count, 400u);
    EXPECT_GT(options_of("a=\"never closed").complaint_count, 0u);
}

TEST(Options, RandomBytesAreHarmless) {
    std::mt19937 random(3);
    for (int round = 0; round < 2'000; ++round) {
        std::string line(random() % 1'500, ' ');
        for (char& character : line) {
            character = round % 2 == 0 ? static_cast<char>(random())
                                       : "=\"'\\ a1,*thredspauncl"[random() % 21];
        }
        const Options options = options_of(line);
        EXPECT_GE(options.threads, 1u);
        EXPECT_LE(options.threads, 4096u);
    }
}

}  // namespace
}  // namespace fathom
