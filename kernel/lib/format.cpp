// The worker behind format_to(): one pass over the string, one argument at a time.
//
// Context: any; no state, no allocation; under 256 bytes of stack.

#include <lib/format.hpp>

namespace fathom::detail {
namespace {

using Kind = FormatArgument::Kind;

constexpr std::size_t kMaxDigits = 20;  // of 2^64 in decimal
constexpr unsigned kAddressDigits = 16;

/// Writes the digits of `value` to the end of `buffer` and returns them.
std::string_view digits_of(std::uint64_t value, bool hexadecimal, char (&buffer)[kMaxDigits]) {
    std::size_t first = kMaxDigits;
    do {
        const unsigned digit = static_cast<unsigned>(hexadecimal ? value & 15 : value % 10);
        value = hexadecimal ? value >> 4 : value / 10;
        buffer[--first] = "0123456789abcdef"[digit];
    } while (value != 0);
    return {buffer + first, kMaxDigits - first};
}

/// `prefix` (a sign or "0x") and `body`, padded to the spec's width.
void write_padded(BufferSink& sink, const FormatSpec& spec, std::string_view prefix,
                  std::string_view body, char usual_align) {
    const std::size_t length = prefix.size() + body.size();
    const std::size_t padding = spec.width > length ? spec.width - length : 0;
    const bool to_the_left = (spec.align != 0 ? spec.align : usual_align) == '<';
    if (!spec.zero_filled && !to_the_left) {
        sink.fill(' ', padding);
    }
    sink.write(prefix);
    if (spec.zero_filled) {
        sink.fill('0', padding);
    }
    sink.write(body);
    if (!spec.zero_filled && to_the_left) {
        sink.fill(' ', padding);
    }
}

void write_number(BufferSink& sink, FormatSpec spec, const FormatArgument& argument) {
    char buffer[kMaxDigits];
    if (argument.kind == Kind::address) {
        const std::string_view digits = digits_of(argument.value, true, buffer);
        if (spec.hexadecimal) {
            return write_padded(sink, spec, "", digits, '>');
        }
        // All 16 digits, so that columns of addresses line up.
        sink.fill(' ', spec.align != '<' && spec.width > kAddressDigits + 2
                           ? spec.width - kAddressDigits - 2
                           : 0);
        sink.write("0x");
        sink.fill('0', kAddressDigits - digits.size());
        return write_padded(sink, {.align = '<', .width = 0}, "", digits, '<');
    }
    const bool negative =
        argument.kind == Kind::signed_integer && static_cast<std::int64_t>(argument.value) < 0;
    const std::uint64_t magnitude = negative ? -argument.value : argument.value;
    write_padded(sink, spec, negative ? "-" : "", digits_of(magnitude, spec.hexadecimal, buffer),
                 '>');
}

void write_argument(BufferSink& sink, const FormatSpec& spec, const FormatArgument& argument) {
    switch (argument.kind) {
    case Kind::text:
        return write_padded(sink, spec, "",
                            {reinterpret_cast<const char*>(argument.value), argument.size}, '<');
    case Kind::boolean:
        return write_padded(sink, spec, "", argument.value != 0 ? "true" : "false", '<');
    case Kind::character: {
        const char character = static_cast<char>(argument.value);
        return write_padded(sink, spec, "", {&character, 1}, '<');
    }
    case Kind::unsigned_integer:
    case Kind::signed_integer:
    case Kind::address: return write_number(sink, spec, argument);
    }
}

}  // namespace

void format_arguments(BufferSink& sink, std::string_view format,
                      std::span<const FormatArgument> arguments) {
    std::size_t used = 0;
    while (!format.empty()) {
        const std::size_t plain = format.find_first_of("{}");
        sink.write(format.substr(0, plain));
        if (plain == std::string_view::npos) {
            return;
        }
        const bool doubled = plain + 1 < format.size() && format[plain] == format[plain + 1];
        const char brace = format[plain];
        format.remove_prefix(plain + 1);
        if (doubled) {
            sink.write({&brace, 1});
            format.remove_prefix(1);
            continue;
        }
        FormatSpec spec;
        if (!take_spec(format, spec) || used == arguments.size()) {
            return;
        }
        write_argument(sink, spec, arguments[used++]);
    }
}

}  // namespace fathom::detail
