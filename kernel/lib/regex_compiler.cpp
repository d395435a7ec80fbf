// From a pattern to its program: groups and alternatives. Repeats are in
// regex_repeat.cpp, brackets in regex_bracket.cpp.
//
// Code is emitted in pattern order. Where a construct needs an instruction before code that stands
// already (an alternative, an optional part), the code moves up by one: targets are relative.
//
// Context: any; no allocation.

#include <lib/regex_compiler.hpp>

namespace fathom {

bool RegexCompiler::fail(const char* sentence, std::size_t position) {
    if (!error_) {
        error_ = PatternError{sentence, position};
    }
    return false;
}

bool RegexCompiler::emit(Op op, unsigned operand, std::ptrdiff_t target) {
    // One place is kept for the final match.
    if (size() + 1 >= Regex::kMaxInstructions) {
        return fail("the pattern is too large once its repeats are written out", at_);
    }
    regex_.code_[regex_.size_++] = {op, static_cast<std::uint8_t>(operand),
                                    static_cast<std::int16_t>(target)};
    return true;
}

[[gnu::cold]]
bool RegexCompiler::insert(std::size_t at, Op op, unsigned operand, std::ptrdiff_t target) {
    if (!emit(op)) {
        return false;
    }
    for (std::size_t i = size() - 1; i > at; --i) {
        regex_.code_[i] = regex_.code_[i - 1];
    }
    regex_.code_[at] = {op, static_cast<std::uint8_t>(operand), static_cast<std::int16_t>(target)};
    return true;
}

std::optional<PatternError> RegexCompiler::run() {
    Block whole{0, true};
    if (alternatives(0, whole) && !at_end()) {
        fail("a ) closes no (", at_);
    }
    if (error_) {
        regex_.size_ = 0;
        return error_;
    }
    regex_.code_[regex_.size_++] = {Op::match, 0, 0};
    return std::nullopt;
}

// a|b|c:  split B; a; jump END; B: split C; b; jump END; C: c; END:
bool RegexCompiler::alternatives(unsigned nesting, Block& block) {
    block = {size(), false};
    std::size_t last_jump = 0;  // until END is known each jump leads back to the one before
    bool any_jump = false;
    for (;;) {
        Block branch{size(), true};
        if (!sequence(nesting, branch)) {
            return false;
        }
        block.may_be_empty |= branch.may_be_empty;
        if (!take('|')) {
            break;
        }
        const auto length = static_cast<std::ptrdiff_t>(size() - branch.begin);
        if (!insert(branch.begin, Op::split, 0, length + 2)) {
            return false;
        }
        const std::size_t jump = size();
        if (!emit(Op::jump, 0, any_jump ? static_cast<std::ptrdiff_t>(jump - last_jump) : 0)) {
            return false;
        }
        last_jump = jump;
        any_jump = true;
    }
    while (any_jump) {
        Instruction& jump = regex_.code_[last_jump];
        const auto back = static_cast<std::size_t>(jump.target);
        jump.target = static_cast<std::int16_t>(size() - last_jump);
        any_jump = back != 0;
        last_jump -= back;
    }
    return true;
}

bool RegexCompiler::sequence(unsigned nesting, Block& block) {
    block = {size(), true};
    while (!at_end() && !at('|') && !at(')')) {
        Block piece{size(), false};
        if (!atom(nesting, piece) || !repeats(piece)) {
            return false;
        }
        block.may_be_empty &= piece.may_be_empty;
    }
    return true;
}

[[gnu::cold]] bool RegexCompiler::atom(unsigned nesting, Block& block) {
    const std::size_t position = at_;
    const char character = pattern_[at_++];
    switch (character) {
    case '(': return group(nesting, block);
    case '[': return bracket();
    case '\\': return escape();
    case '.': return emit(Op::any);
    case '^':
    case '$':
        block.may_be_empty = true;
        if (at('*') || at('+') || at('?') || at('{')) {
            return fail("an anchor cannot be repeated", at_);
        }
        return emit(character == '^' ? Op::line_begin : Op::line_end);
    case '*':
    case '+':
    case '?':
    case '{':
        return fail("there is nothing before it to repeat; write \\ before a literal one",
                    position);
    default: return emit(Op::byte, static_cast<unsigned char>(character));
    }
}

bool RegexCompiler::group(unsigned nesting, Block& block) {
    const std::size_t position = at_ - 1;
    if (nesting == Regex::kMaxNesting) {
        return fail("groups are nested too deep", position);
    }
    if (!alternatives(nesting + 1, block)) {
        return false;
    }
    return take(')') || fail("this ( is never closed", position);
}

bool RegexCompiler::escape() {
    if (at_end()) {
        return fail("a \\ ends the pattern", at_ - 1);
    }
    const unsigned char next = static_cast<unsigned char>(pattern_[at_]);
    const bool is_word =
        (next >= '0' && next <= '9') || ((next | 0x20) >= 'a' && (next | 0x20) <= 'z');
    if (is_word || next == '<' || next == '>' || next == '`' || next == '\'') {
        return fail("this \\ escape is not supported; only punctuation can be escaped", at_ - 1);
    }
    ++at_;
    return emit(Op::byte, next);
}

}  // namespace fathom
