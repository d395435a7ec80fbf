// Where a panic report goes: lines of at most 80 columns, broken between words, on the console.
//
// Owns:    PanicWriter and the one instance of it.
// Context: the panicking CPU, its panic stack. No lock: the other CPUs are stopped, and one that
//          did not stop may only garble a line.
// Story:   used by everything in panic/; ends in arch::console_write().

#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <lib/format.hpp>
#include <lib/sink.hpp>

namespace fathom {

/// Collects a line and writes it; words that do not fit go to the next line, indented.
class PanicWriter {
public:
    static constexpr std::size_t kColumns = 80;
    static constexpr std::size_t kIndent = 4;

    constexpr PanicWriter() = default;
    /// Appends to the line; a newline ends it.
    void write(std::string_view text);
    /// Forgets what was written of the line.
    void clear() { length_ = 0; }
    /// Ends the line.
    void end_line();
    /// What does not fit on a line goes on this many columns in; kIndent unless told.
    void set_indent(std::size_t columns = kIndent) { indent_ = columns; }

private:
    void put(char character);
    void break_line();
    void flush(std::size_t length);

    char line_[kColumns + 1] = {};
    std::size_t length_ = 0;
    std::size_t indent_ = kIndent;
};

/// The one writer. Owned by the CPU that claimed the panic.
PanicWriter& panic_writer();

/// One say() or say_part() may be this long.
inline constexpr std::size_t kLongestPart = 200;

/// Writes a part of a line.
template <typename... Args>
[[gnu::noinline]] void say_part(FormatString<std::type_identity_t<Args>...> text,
                                const Args&... args) {
    char buffer[kLongestPart];
    BufferSink sink(buffer);
    format_to(sink, text, args...);
    panic_writer().write(sink.text());
}

/// Writes a line, and what does not fit on further ones.
template <typename... Args>
void say(FormatString<std::type_identity_t<Args>...> text, const Args&... args) {
    say_part(text, args...);
    panic_writer().end_line();
}

/// Writes a paragraph of words, two columns in.
[[gnu::cold]] void say_paragraph(std::string_view text);

/// Writes `message` with each "{}" replaced by the next of the two facts, in hexadecimal.
[[gnu::cold]] void say_with_facts(std::string_view message, const std::uint64_t* facts);

}  // namespace fathom
