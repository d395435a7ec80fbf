// Editing a line, byte by byte.
//
// Context: any.

#include <lib/line_editor.hpp>

#include <algorithm>
#include <utility>

#include <lib/format.hpp>

namespace fathom {

namespace {

constexpr char control(char letter) { return static_cast<char>(letter & 0x1f); }

constexpr char kEscape = 0x1b;
constexpr char kDelete = 0x7f;
constexpr std::string_view kBell = "\a";
/// No key of any terminal has this number, or a larger one.
constexpr unsigned kLargestNumber = 255;

bool printable(char byte) { return byte >= ' ' && byte < kDelete; }

}  // namespace

void LineEditor::start(BufferSink& out) {
    current_.size = 0;
    cursor_ = 0;
    age_ = 0;
    escape_ = Escape::none;
    out.write(prompt_);
}

LineEditor::Event LineEditor::take(char byte, BufferSink& out) {
    if (std::exchange(after_return_, byte == '\r') && byte == '\n') {
        return Event::none;
    }
    if (escape_ != Escape::none) {
        take_escape(byte, out);
        return Event::none;
    }
    if (printable(byte)) {
        insert(byte, out);
        return Event::none;
    }
    return take_control(byte, out);
}

LineEditor::Event LineEditor::take_control(char byte, BufferSink& out) {
    switch (byte) {
    case '\r':
    case '\n': return finish(out);
    case '\t': return Event::completion;
    case '\b':
    case kDelete: erase(cursor_ == 0 ? 0 : cursor_ - 1, cursor_, out); break;
    case control('A'): move_to(0, out); break;
    case control('B'): move_to(cursor_ == 0 ? 0 : cursor_ - 1, out); break;
    case control('C'):
        out.write("^C\n");
        start(out);
        break;
    case control('D'): return current_.size == 0 ? Event::end : Event::none;
    case control('E'): move_to(current_.size, out); break;
    case control('F'): move_to(cursor_ + 1, out); break;
    case control('K'): erase(cursor_, current_.size, out); break;
    case control('L'): redraw(out); break;
    case control('N'): show(age_ == 0 ? 0 : age_ - 1, out); break;
    case control('P'): show(age_ + 1, out); break;
    case control('U'): erase(0, cursor_, out); break;
    case control('W'): erase_word(out); break;
    case kEscape: escape_ = Escape::begun; break;
    default: out.write(kBell);
    }
    return Event::none;
}

// ESC [ or ESC O, digits and semicolons, and a final byte that says which key.
void LineEditor::take_escape(char byte, BufferSink& out) {
    if (escape_ == Escape::begun) {
        escape_ = byte == '[' || byte == 'O' ? Escape::first_number : Escape::none;
        number_ = 0;
    } else if (byte == ';') {
        escape_ = Escape::other_numbers;
    } else if (byte >= '0' && byte <= '9') {
        const unsigned longer = number_ * 10u + static_cast<unsigned>(byte - '0');
        if (escape_ == Escape::first_number) {
            number_ = static_cast<std::uint8_t>(std::min(longer, kLargestNumber));
        }
    } else {
        escape_ = Escape::none;
        take_key(byte, out);
    }
}

void LineEditor::take_key(char final, BufferSink& out) {
    switch (final) {
    case 'A': return show(age_ + 1, out);
    case 'B': return show(age_ == 0 ? 0 : age_ - 1, out);
    case 'C': return move_to(cursor_ + 1, out);
    case 'D': return move_to(cursor_ == 0 ? 0 : cursor_ - 1, out);
    case 'F': return move_to(current_.size, out);
    case 'H': return move_to(0, out);
    case '~': return take_numbered_key(out);
    default: return out.write(kBell);
    }
}

// ESC [ number ~: 11 to 24, say, are F1 to F12, for which there is no use.
void LineEditor::take_numbered_key(BufferSink& out) {
    switch (number_) {
    case 1:
    case 7: return move_to(0, out);
    case 3: return erase(cursor_, std::min<std::size_t>(cursor_ + 1, current_.size), out);
    case 4:
    case 8: return move_to(current_.size, out);
    default: return out.write(kBell);
    }
}

LineEditor::Event LineEditor::finish(BufferSink& out) {
    remember();
    out.write("\n");
    return Event::line;
}

// Neither blank lines nor the same one twice.
void LineEditor::remember() {
    const std::string_view text = line();
    const Line& latest = history_[(remembered_ + kHistory - 1) % kHistory];
    const bool known = remembered_ != 0 && std::string_view(latest.text, latest.size) == text;
    if (text.find_first_not_of(' ') != std::string_view::npos && !known) {
        history_[remembered_++ % kHistory] = current_;
    }
}

void LineEditor::insert(char byte, BufferSink& out) {
    if (current_.size == kLongestLine) {
        return out.write(kBell);
    }
    std::copy_backward(current_.text + cursor_, current_.text + current_.size,
                       current_.text + current_.size + 1);
    current_.text[cursor_++] = byte;
    ++current_.size;
    if (cursor_ == current_.size) {
        return out.write({&byte, 1});
    }
    redraw(out);
}

void LineEditor::erase(std::size_t begin, std::size_t end, BufferSink& out) {
    if (begin == end) {
        return out.write(kBell);
    }
    std::copy(current_.text + end, current_.text + current_.size, current_.text + begin);
    current_.size = static_cast<std::uint8_t>(current_.size - (end - begin));
    cursor_ = begin;
    redraw(out);
}

void LineEditor::move_to(std::size_t place, BufferSink& out) {
    const std::size_t wanted = std::min<std::size_t>(place, current_.size);
    if (wanted == cursor_) {
        return out.write(kBell);
    }
    cursor_ = wanted;
    redraw(out);
}

void LineEditor::show(std::size_t age, BufferSink& out) {
    if (age == age_ || age > std::min(remembered_, kHistory)) {
        return out.write(kBell);
    }
    if (age_ == 0) {
        draft_ = current_;
    }
    age_ = age;
    current_ = age == 0 ? draft_ : history_[(remembered_ - age) % kHistory];
    cursor_ = current_.size;
    redraw(out);
}

// The whole line again: what comes over a serial line may have been disturbed by the log.
void LineEditor::redraw(BufferSink& out) const {
    out.write("\r");
    out.write(prompt_);
    out.write(line());
    out.write("\x1b[K");
    if (cursor_ != current_.size) {
        format_to(out, "\x1b[{}D", current_.size - cursor_);
    }
}

std::size_t LineEditor::word_begin() const {
    std::size_t begin = cursor_;
    while (begin > 0 && current_.text[begin - 1] != ' ') {
        --begin;
    }
    return begin;
}

void LineEditor::erase_word(BufferSink& out) {
    const std::size_t end = cursor_;
    while (cursor_ > 0 && current_.text[cursor_ - 1] == ' ') {
        --cursor_;
    }
    erase(word_begin(), end, out);
}

}  // namespace fathom
