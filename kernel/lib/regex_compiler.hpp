// The compiler behind Regex::compile(): recursive descent, code emitted as it goes.
//
// Owns:    RegexCompiler.
// Context: any; recursion is bounded by Regex::kMaxNesting.

#pragma once

#include <lib/regex.hpp>

namespace fathom {

class RegexCompiler {
public:
    RegexCompiler(Regex& regex, std::string_view pattern) : regex_(regex), pattern_(pattern) {}

    /// Compiles the whole pattern.
    std::optional<PatternError> run();

private:
    using Op = Regex::Op;
    using Instruction = Regex::Instruction;

    /// A piece of code and whether it can match nothing at all.
    struct Block {
        std::size_t begin;
        bool may_be_empty;
    };
    struct Bounds {
        unsigned low;
        unsigned high;
        bool endless;
    };

    // Each returns false once error_ is set.
    bool alternatives(unsigned nesting, Block& block);
    bool sequence(unsigned nesting, Block& block);
    bool atom(unsigned nesting, Block& block);
    bool group(unsigned nesting, Block& block);
    bool escape();
    bool bracket();
    bool bracket_item(ByteSet& set);
    bool class_name(ByteSet& set);
    bool range_end(unsigned char& byte);
    bool repeats(Block& block);
    bool read_bounds(Bounds& bounds);
    bool read_repeat_count(unsigned& count);
    bool repeat(Block& block, Bounds bounds);
    bool repeat_for_ever(const Block& block, std::size_t length, unsigned low);
    bool repeat_at_will(const Block& block, std::size_t length, Bounds bounds);
    bool make_loop(const Block& block);
    bool append_copy(std::size_t begin, std::size_t size);

    bool emit(Op op, unsigned operand = 0, std::ptrdiff_t target = 0);
    bool insert(std::size_t at, Op op, unsigned operand, std::ptrdiff_t target);
    bool fail(const char* sentence, std::size_t position);

    bool at_end() const { return at_ == pattern_.size(); }
    bool at(char character) const { return !at_end() && pattern_[at_] == character; }
    bool take(char character) { return at(character) && (++at_, true); }
    std::size_t size() const { return regex_.size_; }

    Regex& regex_;
    std::string_view pattern_;
    std::size_t at_ = 0;
    std::optional<PatternError> error_;
};

}  // namespace fathom
