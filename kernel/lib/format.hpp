// Formatting: the string is checked against its arguments when it is compiled.
//
//     format_to(sink, "{} pages at {}, {:>8} of {:<10}|", pages, address, count, name);
//
//     {}       decimal; text; true/false; 0x and 16 digits for an address
//     {:x}     hexadecimal without "0x"
//     {:08x}   filled with zeros to 8 digits
//     {:>10}   to the right in 10 columns; {:<10} to the left; {:10} as its type is used to
//     {{ }}    a brace
//
// The arguments' types are erased at the call, so that one function does the work: it needs under
// 256 bytes of stack, since it runs on lazy stacks, in atomic sections and on panic stacks.
//
// Owns:    format_to(), FormatString, FormatArgument.
// Context: any; no state, no allocation. Builds on the host too.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <lib/result.hpp>
#include <lib/sink.hpp>
#include <lib/units.hpp>

namespace fathom {

/// One argument, its type erased to what formatting needs to know.
struct FormatArgument {
    enum class Kind : std::uint8_t {
        unsigned_integer,
        signed_integer,
        boolean,
        character,
        text,
        address
    };

    std::uint64_t value = 0;  ///< the number, or where the text starts
    std::uint32_t size = 0;   ///< of the text
    Kind kind = Kind::unsigned_integer;
};

namespace detail {

constexpr FormatArgument argument_of(bool value) {
    return {value, 0, FormatArgument::Kind::boolean};
}
constexpr FormatArgument argument_of(char value) {
    return {static_cast<unsigned char>(value), 0, FormatArgument::Kind::character};
}
template <std::unsigned_integral T>
constexpr FormatArgument argument_of(T value) {
    return {value, 0, FormatArgument::Kind::unsigned_integer};
}
template <std::signed_integral T>
constexpr FormatArgument argument_of(T value) {
    return {static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), 0,
            FormatArgument::Kind::signed_integer};
}
inline FormatArgument argument_of(std::string_view value) {
    return {reinterpret_cast<std::uint64_t>(value.data()), static_cast<std::uint32_t>(value.size()),
            FormatArgument::Kind::text};
}
inline FormatArgument argument_of(const char* value) {
    return argument_of(value != nullptr ? std::string_view(value) : std::string_view("(null)"));
}
inline FormatArgument argument_of(const volatile void* value) {
    return {reinterpret_cast<std::uint64_t>(value), 0, FormatArgument::Kind::address};
}
constexpr FormatArgument argument_of(VirtAddr value) {
    return {value.value, 0, FormatArgument::Kind::address};
}
constexpr FormatArgument argument_of(PhysAddr value) {
    return {value.value, 0, FormatArgument::Kind::address};
}
constexpr FormatArgument argument_of(PageCount value) {
    return {value.value, 0, FormatArgument::Kind::unsigned_integer};
}
inline FormatArgument argument_of(Error value) { return argument_of(describe(value)); }

/// What stands between a pair of braces.
struct FormatSpec {
    bool hexadecimal = false;
    bool zero_filled = false;
    char align = 0;  ///< '<', '>' or 0: as the type is used to
    unsigned width = 0;
};

inline constexpr unsigned kMaxFormatWidth = 128;

/// Reads a spec from behind its "{" and removes it, with its "}", from `rest`; false if broken.
constexpr bool take_spec(std::string_view& rest, FormatSpec& spec) {
    std::size_t at = 0;
    const auto peek = [&] { return at < rest.size() ? rest[at] : '\0'; };
    if (peek() == ':') {
        ++at;
        if (peek() == '<' || peek() == '>') {
            spec.align = rest[at++];
        }
        if (peek() == '0') {
            spec.zero_filled = true;
            ++at;
        }
        while (peek() >= '0' && peek() <= '9' && spec.width <= kMaxFormatWidth) {
            spec.width = spec.width * 10 + static_cast<unsigned>(rest[at++] - '0');
        }
        if (peek() == 'x') {
            spec.hexadecimal = true;
            ++at;
        }
    }
    if (peek() != '}' || spec.width > kMaxFormatWidth) {
        return false;
    }
    rest.remove_prefix(at + 1);
    return true;
}

// Not constexpr: a format string that reaches one of these does not compile, and the compiler's
// message names it.
void format_has_a_lone_or_broken_brace();
void format_has_more_placeholders_than_arguments();
void format_has_fewer_placeholders_than_arguments();
void format_asks_for_digits_of_a_text();

template <typename T>
concept FormattedAsText = std::convertible_to<T, std::string_view> || std::same_as<T, Error> ||
    std::same_as<T, bool> || std::same_as<T, char>;

template <typename... Args>
consteval void check_format(std::string_view rest) {
    constexpr bool is_text[] = {FormattedAsText<std::remove_cvref_t<Args>>..., false};
    std::size_t used = 0;
    while (!rest.empty()) {
        const char first = rest.front();
        rest.remove_prefix(1);
        if (first != '{' && first != '}') {
            continue;
        }
        if (!rest.empty() && rest.front() == first) {
            rest.remove_prefix(1);
            continue;
        }
        FormatSpec spec;
        if (first == '}' || !take_spec(rest, spec)) {
            format_has_a_lone_or_broken_brace();
        }
        if (used == sizeof...(Args)) {
            format_has_more_placeholders_than_arguments();
        }
        if (is_text[used++] && (spec.hexadecimal || spec.zero_filled)) {
            format_asks_for_digits_of_a_text();
        }
    }
    if (used != sizeof...(Args)) {
        format_has_fewer_placeholders_than_arguments();
    }
}

/// The worker behind format_to(). `format` has been checked.
/// Context: any.
void format_arguments(BufferSink& sink, std::string_view format,
                      std::span<const FormatArgument> arguments);

}  // namespace detail

/// A format string that fits its arguments, or does not compile.
template <typename... Args>
class FormatString {
public:
    template <std::size_t size>
    consteval FormatString(const char (&text)[size]) : text_(text, size - 1) {
        detail::check_format<Args...>(text_);
    }
    constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

/// Appends `format` with its placeholders replaced to `sink`.
/// Context: any.
template <typename... Args>
[[gnu::always_inline]] inline void format_to(BufferSink& sink,
                                             FormatString<std::type_identity_t<Args>...> format,
                                             const Args&... args) {
    const FormatArgument arguments[] = {detail::argument_of(args)..., {}};
    detail::format_arguments(sink, format.text(), {arguments, sizeof...(Args)});
}

}  // namespace fathom
