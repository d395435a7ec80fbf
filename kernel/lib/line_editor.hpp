// A line typed on a terminal: editing, history and completion.
//
// Bytes go in, and what the terminal is to be sent for each comes out: the editor itself reads and
// writes nothing. It knows the keys of every terminal of today (ECMA-48 sequences) and the usual
// control keys:
//
//     Left, Right, Home, End, Ctrl-B, -F, -A, -E    move
//     Backspace, Delete, Ctrl-W, -U, -K             delete a byte, a word, to the begin, to the end
//     Up, Down, Ctrl-P, -N                          earlier and later lines
//     Tab                                           complete the word (the caller knows the words)
//     Ctrl-L                                        show the line anew, where a log ran through it
//     Enter, Ctrl-C, Ctrl-D                         done; forget the line; the end, on an empty one
//
// Owns:    LineEditor.
// Context: any; no allocation. Builds on the host too. The bytes may be hostile.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lib/sink.hpp>

namespace fathom {

class LineEditor {
public:
    /// Together with a prompt of up to 10 columns a line fits a terminal of 80.
    static constexpr std::size_t kLongestLine = 68;
    static constexpr std::size_t kHistory = 16;
    /// Room that `out` needs for one byte: a completion may list many words.
    static constexpr std::size_t kMostOutput = 1024;

    /// What a byte has led to.
    enum class Event : std::uint8_t {
        none,
        line,        ///< line() is complete; start() begins the next
        completion,  ///< Tab: the caller answers with complete()
        end,         ///< Ctrl-D on an empty line
    };

    /// `prompt` must outlive the editor.
    constexpr explicit LineEditor(std::string_view prompt) : prompt_(prompt) {}

    /// Begins a new line: shows the prompt.
    void start(BufferSink& out);
    /// Takes a byte; appends to `out` what the terminal must be sent.
    Event take(char byte, BufferSink& out);
    /// Answers a Tab: completes the word before the cursor to what all those of `words` that begin
    /// like it have in common, with a blank if that is one word; else lists them.
    void complete(std::span<const std::string_view> words, BufferSink& out);

    std::string_view line() const { return {current_.text, current_.size}; }
    /// What stands before the word that the cursor is in or behind.
    std::string_view before_word() const { return {current_.text, word_begin()}; }

private:
    /// Of a sequence: its first number tells the key, what comes behind that the Ctrl or Shift.
    enum class Escape : std::uint8_t { none, begun, first_number, other_numbers };

    struct Line {
        char text[kLongestLine] = {};
        std::uint8_t size = 0;
    };

    Event take_control(char byte, BufferSink& out);
    void take_escape(char byte, BufferSink& out);
    void take_key(char final, BufferSink& out);
    void take_numbered_key(BufferSink& out);
    Event finish(BufferSink& out);
    void remember();
    void insert(char byte, BufferSink& out);
    void erase(std::size_t begin, std::size_t end, BufferSink& out);
    void erase_word(BufferSink& out);
    void list(std::span<const std::string_view> words, std::string_view typed,
              BufferSink& out) const;
    void move_to(std::size_t place, BufferSink& out);
    void show(std::size_t age, BufferSink& out);
    void redraw(BufferSink& out) const;
    std::size_t word_begin() const;

    std::string_view prompt_;
    Line current_;
    std::size_t cursor_ = 0;
    std::array<Line, kHistory> history_{};
    std::size_t remembered_ = 0;  ///< lines ever put into history_; the latest at remembered_ - 1
    std::size_t age_ = 0;         ///< of the line that is shown: 0 is the new one
    Line draft_;                  ///< the new one, while an older is shown
    Escape escape_ = Escape::none;
    std::uint8_t number_ = 0;  ///< the first of an escape sequence; 255 stands for more
    bool after_return_ = false;
};

}  // namespace fathom
