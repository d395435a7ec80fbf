// Regular expressions: the subset of POSIX ERE that the search job and `grep -E` agree on.
//
//     x  .  [abc]  [^a-z]  [[:alpha:]]  \.  ( )  |  *  +  ?  {m}  {m,}  {m,n}  ^  $
//
// A pattern is compiled to a small program; the matcher is a recursive backtracker on purpose. Each
// turn of a loop is a real call, so the depth of the stack follows the data: most lines need a
// page, a few need hundreds. That is the load which lazily populated stacks are for.
//
// Bytes are characters, as in the C locale. There are no back-references, no \w, no [.x.].
//
// Owns:    Regex.
// Context: any; no allocation. Builds on the host too.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fathom {

/// Why a pattern was refused, and at which byte of it.
struct PatternError {
    const char* sentence;
    std::size_t position;
};

/// A set of bytes.
class ByteSet {
public:
    constexpr void add(unsigned char byte) { words_[byte / 64] |= 1ull << byte % 64; }
    constexpr bool has(unsigned char byte) const { return words_[byte / 64] >> byte % 64 & 1; }
    constexpr void add_all() { words_.fill(~0ull); }
    constexpr void add_all_of(const ByteSet& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            words_[i] |= other.words_[i];
        }
    }
    constexpr void invert() {
        for (std::uint64_t& word : words_) {
            word = ~word;
        }
    }

private:
    std::array<std::uint64_t, 4> words_{};
};

/// How a search for a match ended.
enum class MatchOutcome : std::uint8_t {
    none,
    found,
    too_deep,  ///< the stack that the caller allowed was used up
    too_long,  ///< the steps that the caller allowed were used up
};

class Regex {
public:
    static constexpr std::size_t kMaxInstructions = 768;
    static constexpr std::size_t kMaxSets = 32;
    static constexpr std::size_t kMaxSlots = 64;
    static constexpr unsigned kMaxNesting = 32;  ///< of groups
    static constexpr unsigned kMaxRepeat = 255;  ///< in {m,n}

    /// What one search may use.
    struct Limits {
        std::size_t stack_bytes;  ///< below the caller's frame
        std::uint64_t steps;
    };

    /// Compiles `pattern`; nothing if it is fine. After an error the object matches nothing.
    /// Context: any.
    [[nodiscard]] std::optional<PatternError> compile(std::string_view pattern);

    /// Whether the pattern matches anywhere in `line`, which holds no line end.
    /// Context: any; deep: a call for each turn of a loop.
    MatchOutcome search(std::string_view line, Limits limits) const;

private:
    friend class RegexCompiler;
    friend class RegexMatcher;

    enum class Op : std::uint8_t {
        match,
        byte,  ///< the operand itself
        any,   ///< one byte
        set,   ///< one byte of the operand-th set
        line_begin,
        line_end,
        split,  ///< try the next instruction, then the target
        loop,   ///< try the target, then the next instruction
        jump,   ///< to the target
        mark,   ///< remember the place in the operand-th slot
        again,  ///< as loop, if the place has moved since mark; else the next instruction
    };
    /// `target` is relative to the instruction itself, so that code can be moved and copied.
    struct Instruction {
        Op op = Op::match;
        std::uint8_t operand = 0;
        std::int16_t target = 0;
    };

    /// Finds which bytes a match can start with, or that it may be empty.
    void find_first_bytes();

    std::array<Instruction, kMaxInstructions> code_{};
    std::array<ByteSet, kMaxSets> sets_{};
    std::size_t size_ = 0;
    std::size_t set_count_ = 0;
    std::size_t slot_count_ = 0;
    ByteSet first_bytes_;
    bool may_be_empty_ = false;
    bool from_begin_only_ = false;  ///< starts with .*: what matches later matches from the begin
};

}  // namespace fathom
