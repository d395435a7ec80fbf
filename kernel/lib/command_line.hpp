// The kernel command line: words of the form key=value or key.
//
//     job=search "pattern=two words" threads=128
//
// Words are apart by blanks; double or single quotes keep blanks together; a backslash before
// another backslash or a quote takes away its meaning (GRUB hands words over in this spelling, and
// QEMU what the user typed). Any other backslash stays, so that most patterns need no care.
//
// Owns:    CommandLine, parse_number().
// Context: any; no allocation. Builds on the host too. The text may be hostile.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <lib/boot_info.hpp>
#include <lib/result.hpp>

namespace fathom {

/// A decimal or 0x-hexadecimal number with an optional suffix K, M or G (1024 each).
/// Errors: malformed (no number, or something behind it, or over 64 bits).
/// Context: any.
Result<std::uint64_t> parse_number(std::string_view text);

/// The words of a command line, unquoted into a buffer of its own.
class CommandLine {
public:
    /// A word that stands on the line. `value` is empty for "key" and for "key=".
    struct Word {
        std::string_view key;
        std::string_view value;
        bool has_value = false;
    };

    /// Text over BootInfo::kMaxCommandLine bytes is not read.
    explicit CommandLine(std::string_view text);

    /// The word at `place`, which starts at 0 and moves on; nothing past the last.
    ///     for (std::size_t place = 0; const auto word = line.next(place);) ...
    std::optional<Word> next(std::size_t& place) const;

    /// The value of the last word with that key.
    std::optional<std::string_view> find(std::string_view key) const;
    /// find() as parse_number() reads it.
    /// Errors: malformed.
    Result<std::optional<std::uint64_t>> number(std::string_view key) const;
    /// A quote was opened and never closed; the word ends with the line.
    bool unclosed_quote() const { return unclosed_quote_; }

private:
    char words_[BootInfo::kMaxCommandLine + 1];  ///< each followed by a NUL
    std::size_t size_ = 0;
    bool unclosed_quote_ = false;
};

}  // namespace fathom
