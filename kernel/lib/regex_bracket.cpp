// Bracket expressions: [abc] [^a-z] [[:alpha:]] []x] [x-].
//
// Context: any; no allocation.

#include <lib/regex_compiler.hpp>

namespace fathom {
namespace {

constexpr bool is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(unsigned char c) { return is_lower(c) || is_upper(c); }
constexpr bool is_graph(unsigned char c) { return c > ' ' && c < 0x7f; }

/// Whether a byte belongs to the named class in the C locale; nothing where there is no such class.
constexpr std::optional<bool> in_class(std::string_view name, unsigned char c) {
    if (name == "alpha")
        return is_letter(c);
    if (name == "digit")
        return is_digit(c);
    if (name == "alnum")
        return is_letter(c) || is_digit(c);
    if (name == "lower")
        return is_lower(c);
    if (name == "upper")
        return is_upper(c);
    if (name == "space")
        return c == ' ' || (c >= '\t' && c <= '\r');
    if (name == "blank")
        return c == ' ' || c == '\t';
    if (name == "punct")
        return is_graph(c) && !is_letter(c) && !is_digit(c);
    if (name == "graph")
        return is_graph(c);
    if (name == "print")
        return is_graph(c) || c == ' ';
    if (name == "cntrl")
        return c < ' ' || c == 0x7f;
    if (name == "xdigit")
        return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    return std::nullopt;
}

}  // namespace

bool RegexCompiler::bracket() {
    const std::size_t position = at_ - 1;
    if (regex_.set_count_ == Regex::kMaxSets) {
        return fail("more than 32 bracket expressions", position);
    }
    ByteSet set;
    const bool inverted = take('^');
    // A ] that comes first is a member.
    do {
        if (at_end()) {
            return fail("this [ is never closed", position);
        }
        if (!bracket_item(set)) {
            return false;
        }
    } while (!at(']'));
    ++at_;
    if (inverted) {
        set.invert();
    }
    regex_.sets_[regex_.set_count_] = set;
    return emit(Op::set, static_cast<unsigned>(regex_.set_count_++));
}

bool RegexCompiler::bracket_item(ByteSet& set) {
    const std::size_t position = at_;
    const char first = pattern_[at_++];
    if (first == '[' && at(':')) {
        return class_name(set);
    }
    if (first == '[' && (at('.') || at('='))) {
        return fail("[. .] and [= =] are not supported", position);
    }
    const auto low = static_cast<unsigned char>(first);
    unsigned char high = low;
    const bool is_range = at('-') && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
    if (is_range && !range_end(high)) {
        return false;
    }
    if (high < low) {
        return fail("a range's end comes before its begin", position);
    }
    for (unsigned byte = low; byte <= high; ++byte) {
        set.add(static_cast<unsigned char>(byte));
    }
    return true;
}

bool RegexCompiler::range_end(unsigned char& byte) {
    ++at_;
    const std::size_t position = at_;
    byte = static_cast<unsigned char>(pattern_[at_++]);
    if (byte == '[' && (at(':') || at('.') || at('='))) {
        return fail("a range cannot end in a class", position);
    }
    return true;
}

[[gnu::cold]] bool RegexCompiler::class_name(ByteSet& set) {
    const std::size_t position = at_ - 1;
    const std::size_t begin = at_ + 1;
    const std::size_t end = pattern_.find(":]", begin);
    if (end == std::string_view::npos) {
        return fail("this [: is never closed", position);
    }
    const std::string_view name = pattern_.substr(begin, end - begin);
    for (unsigned byte = 0; byte < 256; ++byte) {
        const auto member = in_class(name, static_cast<unsigned char>(byte));
        if (!member) {
            return fail("there is no class of that name", position);
        }
        if (*member) {
            set.add(static_cast<unsigned char>(byte));
        }
    }
    at_ = end + 2;
    return true;
}

}  // namespace fathom
