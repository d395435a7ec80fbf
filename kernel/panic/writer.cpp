// Breaking a report into lines.
//
// Owns:    the PanicWriter instance.
// Context: the panicking CPU.

#include <panic/writer.hpp>

#include <arch/console.hpp>

namespace fathom {

namespace {
constinit PanicWriter the_writer;
}

PanicWriter& panic_writer() { return the_writer; }

[[gnu::cold]] void PanicWriter::write(std::string_view text) {
    for (const char character : text) {
        if (character == '\n') {
            end_line();
        } else {
            put(character);
        }
    }
}

void PanicWriter::put(char character) {
    line_[length_++] = character;
    if (length_ > kColumns) {
        break_line();
    }
}

[[gnu::cold]] void PanicWriter::end_line() {
    flush(length_);
    length_ = 0;
}

// The line is one character too long: its last word goes to the next line. A word as long as the
// line is cut.
[[gnu::cold]] void PanicWriter::break_line() {
    std::size_t cut = kColumns;
    while (cut > indent_ + 1 && line_[cut] != ' ') {
        --cut;
    }
    const bool has_space = cut > indent_ + 1;
    if (!has_space) {
        cut = kColumns;
    }
    char rest[kColumns + 1];
    std::size_t rest_length = 0;
    for (std::size_t index = cut + (has_space ? 1 : 0); index < length_; ++index) {
        rest[rest_length++] = line_[index];
    }
    flush(cut);
    length_ = 0;
    while (length_ < indent_) {
        line_[length_++] = ' ';
    }
    for (std::size_t index = 0; index < rest_length && length_ < kColumns; ++index) {
        line_[length_++] = rest[index];
    }
}

void PanicWriter::flush(std::size_t length) {
    while (length > 0 && line_[length - 1] == ' ') {
        --length;
    }
    arch::console_write({line_, length});
    arch::console_write("\n");
}

[[gnu::cold]] void say_paragraph(std::string_view text) {
    panic_writer().set_indent(2);
    panic_writer().write("  ");
    panic_writer().write(text);
    panic_writer().end_line();
    panic_writer().set_indent();
}

void say_with_facts(std::string_view message, const std::uint64_t* facts) {
    std::size_t used = 0;
    std::size_t begin = 0;
    for (std::size_t index = 0; index + 1 < message.size(); ++index) {
        if (message[index] == '{' && message[index + 1] == '}' && used < 2) {
            panic_writer().write({message.data() + begin, index - begin});
            say_part("0x{:x}", facts[used++]);
            begin = index + 2;
            ++index;
        }
    }
    panic_writer().write({message.data() + begin, message.size() - begin});
}

}  // namespace fathom
