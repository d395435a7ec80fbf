// The line editor: what it keeps of what is typed, and what a terminal shows of it.

#include <lib/line_editor.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace fathom {
namespace {

using Event = LineEditor::Event;

/// As much of a terminal as the editor uses: one line that is written, moved in and cleared.
class Terminal {
public:
    void write(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\x1b') {
                i = sequence(text, i + 2);
            } else if (text[i] == '\n') {
                lines_.push_back(line_);
                line_.clear();
                column_ = 0;
            } else if (text[i] == '\r') {
                column_ = 0;
            } else if (text[i] != '\a') {
                put(text[i]);
            }
        }
    }
    const std::string& line() const { return line_; }
    std::size_t column() const { return column_; }
    const std::vector<std::string>& earlier() const { return lines_; }

private:
    void put(char byte) {
        line_.resize(std::max(line_.size(), column_ + 1), ' ');
        line_[column_++] = byte;
    }
    std::size_t sequence(std::string_view text, std::size_t at) {
        std::size_t number = 0;
        for (; text[at] >= '0' && text[at] <= '9'; ++at) {
            number = number * 10 + static_cast<std::size_t>(text[at] - '0');
        }
        if (text[at] == 'K') {
            line_.resize(column_);
        } else {
            EXPECT_EQ(text[at], 'D');
            EXPECT_LE(number, column_);
            column_ -= number;
        }
        return at;
    }

    std::string line_;
    std::size_t column_ = 0;
    std::vector<std::string> lines_;
};

class LineEditorTest : public testing::Test {
protected:
    void SetUp() override { start(); }
    void start() {
        BufferSink out(buffer_);
        editor_.start(out);
        terminal_.write(out.text());
    }
    /// Types the bytes; the last byte's event.
    Event type(std::string_view bytes) {
        Event event = Event::none;
        for (const char byte : bytes) {
            BufferSink out(buffer_);
            event = editor_.take(byte, out);
            if (event == Event::completion) {
                editor_.complete(words_, out);
            }
            EXPECT_FALSE(out.cut());
            terminal_.write(out.text());
        }
        return event;
    }
    std::string enter(std::string_view bytes) {
        EXPECT_EQ(type(bytes), Event::none);
        EXPECT_EQ(type("\r"), Event::line);
        std::string line(editor_.line());
        start();
        return line;
    }

    char buffer_[LineEditor::kMostOutput];
    std::vector<std::string_view> words_{"stack", "sites", "spawn", "threads", "trace", "trim"};
    LineEditor editor_{"> "};
    Terminal terminal_;
};

// Without it the monitor would see another line than the user.
TEST_F(LineEditorTest, WhatIsTypedIsTheLineAndIsShown) {
    EXPECT_EQ(enter("stack 7"), "stack 7");
    EXPECT_EQ(terminal_.earlier().back(), "> stack 7");
    EXPECT_EQ(terminal_.line(), "> ");
}

TEST_F(LineEditorTest, TheCursorMovesAndBytesGoInWhereItIs) {
    type("tack 7\x01s");  // Ctrl-A
    EXPECT_EQ(terminal_.line(), "> stack 7");
    EXPECT_EQ(terminal_.column(), 3u);
    type("\x1b[F1\x1b[D\x1b[D2");  // End, Left, Left
    EXPECT_EQ(enter(""), "stack 271");
}

TEST_F(LineEditorTest, BytesWordsAndEndsAreDeleted) {
    EXPECT_EQ(enter("stacks\x7f 9\b8"), "stack 8");
    EXPECT_EQ(enter("spawn 10 64K  \x17\x17"), "spawn ");  // Ctrl-W
    EXPECT_EQ(enter("abc def\x1b[D\x1b[D\x1b[D\x0b"), "abc ");  // Ctrl-K
    EXPECT_EQ(enter("abc def\x1b[D\x1b[D\x1b[D\x15"), "def");   // Ctrl-U
    EXPECT_EQ(enter("abc\x1b[H\x1b[3~"), "bc");                 // Home, Delete
    EXPECT_EQ(terminal_.earlier().back(), "> bc");
}

// F11 is ESC [ 23 ~: by its last digit alone it would be Delete, and F1 (ESC [ 11 ~) Home.
TEST_F(LineEditorTest, KeysThatMeanNothingChangeNothing) {
    type("stack 7\x1b[H\x1b[C");
    for (const std::string_view key : {"11", "13", "14", "17", "18", "23", "24", "2", "5", "6",
                                       "33", "259", "65539"}) {
        type("\x1b[" + std::string(key) + "~");
        EXPECT_EQ(terminal_.line(), "> stack 7") << key;
        EXPECT_EQ(terminal_.column(), 3u) << key;
    }
    type("\x1b[3;5~");  // with Ctrl it is still Delete
    EXPECT_EQ(enter("\x1b[1;2F8"), "sack 78");
}

// The log of a thread may run through the line that is being typed.
TEST_F(LineEditorTest, ControlLShowsTheLineAnew) {
    type("stack 7\x1b[D");
    terminal_.write("\na line of the log\n");
    EXPECT_EQ(type("\x0c"), Event::none);
    EXPECT_EQ(terminal_.line(), "> stack 7");
    EXPECT_EQ(terminal_.column(), 8u);
}

TEST_F(LineEditorTest, EarlierLinesComeBackAndTheNewOneIsKept) {
    enter("one");
    enter("two");
    enter("two");  // kept once
    type("thr\x1b[A");
    EXPECT_EQ(terminal_.line(), "> two");
    type("\x1b[A\x1b[A");  // there is nothing before "one"
    EXPECT_EQ(terminal_.line(), "> one");
    type("\x1b[B\x1b[B");
    EXPECT_EQ(terminal_.line(), "> thr");
    EXPECT_EQ(enter("\x10"), "two");  // Ctrl-P
}

TEST_F(LineEditorTest, TheOldestLinesAreForgotten) {
    for (int i = 0; i < 40; ++i) {
        enter("line " + std::to_string(i));
    }
    for (int i = 0; i < 40; ++i) {
        type("\x1b[A");
    }
    EXPECT_EQ(terminal_.line(), "> line 24");
}

TEST_F(LineEditorTest, TabCompletesWhatIsCommonAndListsTheRest) {
    type("th\t");
    EXPECT_EQ(terminal_.line(), "> threads ");
    type("\x15t\ttr\x7f\x7f\t");
    EXPECT_EQ(terminal_.earlier().back(), "threads  trace  trim  ");
    EXPECT_EQ(terminal_.line(), "> t");
    type("r\t");
    EXPECT_EQ(terminal_.earlier().back(), "trace  trim  ");
    type("\x15zz\t");
    EXPECT_EQ(terminal_.line(), "> zz");
    type("\x15help si\t");
    EXPECT_EQ(terminal_.line(), "> help sites ");
    EXPECT_EQ(editor_.before_word(), "help sites ");
}

TEST_F(LineEditorTest, ALineHasAnEndAndControlCForgetsIt) {
    type(std::string(500, 'x'));
    EXPECT_EQ(editor_.line().size(), LineEditor::kLongestLine);
    type("\x03");
    EXPECT_EQ(editor_.line(), "");
    EXPECT_EQ(type("\x04"), Event::end);
    type("a");
    EXPECT_EQ(type("\x04"), Event::none);
}

// A terminal may send "\r", "\n" or both for Enter: it is one line in each case.
TEST_F(LineEditorTest, EachKindOfEnterIsOneLine) {
    type("a");
    EXPECT_EQ(type("\r"), Event::line);
    start();
    EXPECT_EQ(type("\n"), Event::none);
    type("b");
    EXPECT_EQ(type("\n"), Event::line);
}

// Line noise: the editor keeps what it shows, whatever comes.
TEST_F(LineEditorTest, AnyBytesLeaveTheLineAsItIsShown) {
    std::mt19937 random(1);
    const std::string_view likely = "ab \x1b[ABCDFH3~\x7f\t\x01\x05\x0b\x10\x0e\x15\x17";
    for (int i = 0; i < 20'000; ++i) {
        const char byte = random() % 4 != 0 ? likely[random() % likely.size()]
                                            : static_cast<char>(random());
        const Event event = type({&byte, 1});
        if (event == Event::line) {
            start();
        } else if (event == Event::none) {
            EXPECT_EQ(terminal_.line(), "> " + std::string(editor_.line()));
        }
    }
}

}  // namespace
}  // namespace fathom
