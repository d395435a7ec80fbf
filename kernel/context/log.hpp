// The kernel's log: one line at a time on the serial line, whole, from any context.
//
//     log("mm: {} MiB in {} ranges", megabytes, ranges);
//
// The line is formatted on the caller's stack first; only printing it is atomic. A line that is
// longer than kLongestLine is cut and ends in "...".
//
// Owns:    log(), and the unlocked variants for the panic path.
// Context: any; log() becomes atomic by rule 5.
// Story:   goes on in arch/console.hpp.

#pragma once

#include <cstddef>

#include <lib/format.hpp>
#include <lib/thread_safety.hpp>

namespace fathom {

class Preemptible;

/// The longest line that is printed whole, without its "\n".
inline constexpr std::size_t kLongestLine = 240;

/// Prints exactly the text: a prompt, the echo of a key.
/// Context: preemptible, may fault.
void log_part(std::string_view text, Preemptible here);

namespace detail {
void log_line(std::string_view format, std::span<const FormatArgument> arguments);
void print_unlocked(std::string_view format, std::span<const FormatArgument> arguments, bool line);
}  // namespace detail

/// Prints one line; the "\n" is added. Lines of different CPUs do not mix.
/// Context: any.
template <typename... Args>
[[gnu::always_inline]] inline void log(FormatString<std::type_identity_t<Args>...> format,
                                       const Args&... args) {
    const FormatArgument arguments[] = {detail::argument_of(args)..., {}};
    detail::log_line(format.text(), {arguments, sizeof...(Args)});
}

/// Prints exactly the text, without a lock and without becoming atomic: for the panic path, where
/// the holder of the lock may be stopped for good.
/// Context: any; panic only.
template <typename... Args>
[[gnu::always_inline]] inline void print_unlocked(
    FormatString<std::type_identity_t<Args>...> format, const Args&... args) {
    const FormatArgument arguments[] = {detail::argument_of(args)..., {}};
    detail::print_unlocked(format.text(), {arguments, sizeof...(Args)}, false);
}

/// As print_unlocked(), with the "\n" added.
/// Context: any; panic only.
template <typename... Args>
[[gnu::always_inline]] inline void log_unlocked(FormatString<std::type_identity_t<Args>...> format,
                                                const Args&... args) {
    const FormatArgument arguments[] = {detail::argument_of(args)..., {}};
    detail::print_unlocked(format.text(), {arguments, sizeof...(Args)}, true);
}

}  // namespace fathom
