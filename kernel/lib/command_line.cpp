// The kernel command line: one pass unquotes it into words.
//
// Context: any; no allocation.

#include <lib/command_line.hpp>

namespace fathom {
namespace {

constexpr bool is_blank(char character) {
    // Control characters separate too: a NUL would otherwise split a word, a newline a log line.
    return static_cast<unsigned char>(character) <= ' ' || character == '\x7f';
}

constexpr unsigned suffix_shift(char suffix) {
    switch (suffix) {
    case 'K':
    case 'k': return 10;
    case 'M':
    case 'm': return 20;
    case 'G':
    case 'g': return 30;
    default: return 0;
    }
}

constexpr unsigned digit_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return static_cast<unsigned>(digit - '0');
    }
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 255;
}

}  // namespace

Result<std::uint64_t> parse_number(std::string_view text) {
    const unsigned base = text.starts_with("0x") || text.starts_with("0X") ? 16 : 10;
    if (base == 16) {
        text.remove_prefix(2);
    }
    unsigned shift = 0;
    if (!text.empty() && (shift = suffix_shift(text.back())) != 0) {
        text.remove_suffix(1);
    }
    if (text.empty()) {
        return Error::malformed;
    }
    std::uint64_t value = 0;
    for (const char character : text) {
        const unsigned digit = digit_value(character);
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return Error::malformed;
        }
    }
    if (shift != 0 && value >> (64 - shift) != 0) {
        return Error::malformed;
    }
    return value << shift;
}

CommandLine::CommandLine(std::string_view text) {
    text = text.substr(0, BootInfo::kMaxCommandLine);
    char quote = 0;  // the one that is open
    bool in_word = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char character = text[i];
        const char following = i + 1 < text.size() ? text[i + 1] : '\0';
        if (quote == 0 && is_blank(character)) {
            if (in_word) {
                words_[size_++] = '\0';
            }
            in_word = false;
            continue;
        }
        in_word = true;
        if (character == '\\' && (following == '\\' || following == '"' || following == '\'')) {
            words_[size_++] = following;
            ++i;
        } else if (quote == 0 && (character == '"' || character == '\'')) {
            quote = character;
        } else if (character == quote) {
            quote = 0;
        } else {
            words_[size_++] = is_blank(character) ? ' ' : character;
        }
    }
    if (in_word) {
        words_[size_++] = '\0';
    }
    unclosed_quote_ = quote != 0;
}

std::optional<CommandLine::Word> CommandLine::next(std::size_t& place) const {
    if (place >= size_) {
        return std::nullopt;
    }
    const std::string_view rest(words_ + place, size_ - place);
    const std::string_view word = rest.substr(0, rest.find('\0'));
    place += word.size() + 1;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
        return Word{word, {}, false};
    }
    return Word{word.substr(0, equals), word.substr(equals + 1), true};
}

std::optional<std::string_view> CommandLine::find(std::string_view key) const {
    std::optional<std::string_view> found;
    for (std::size_t place = 0; const auto word = next(place);) {
        if (word->key == key) {
            found = word->value;
        }
    }
    return found;
}

Result<std::optional<std::uint64_t>> CommandLine::number(std::string_view key) const {
    const auto text = find(key);
    if (!text) {
        return std::optional<std::uint64_t>();
    }
    return std::optional<std::uint64_t>(FATHOM_TRY(parse_number(*text)));
}

}  // namespace fathom
