// From a pattern to its program: groups, alternatives, repeats. Brackets are in regex_bracket.cpp.
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

bool RegexCompiler::atom(unsigned nesting, Block& block) {
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
    case '{': return fail("there is nothing before it to repeat; write \\ before a literal one",
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
    const bool is_word = (next >= '0' && next <= '9') || ((next | 0x20) >= 'a' && (next | 0x20) <= 'z');
    if (is_word || next == '<' || next == '>' || next == '`' || next == '\'') {
        return fail("this \\ escape is not supported; only punctuation can be escaped", at_ - 1);
    }
    ++at_;
    return emit(Op::byte, next);
}

bool RegexCompiler::repeats(Block& block) {
    for (;;) {
        Bounds bounds{};
        if (take('*')) {
            bounds = {0, 0, true};
        } else if (take('+')) {
            bounds = {1, 0, true};
        } else if (take('?')) {
            bounds = {0, 1, false};
        } else if (take('{')) {
            if (!read_bounds(bounds)) {
                return false;
            }
        } else {
            return true;
        }
        if (!repeat(block, bounds)) {
            return false;
        }
    }
}

bool RegexCompiler::read_repeat_count(unsigned& count) {
    const std::size_t position = at_;
    count = 0;
    while (!at_end() && pattern_[at_] >= '0' && pattern_[at_] <= '9') {
        count = count * 10 + static_cast<unsigned>(pattern_[at_++] - '0');
        if (count > Regex::kMaxRepeat) {
            return fail("a repeat count is over 255", position);
        }
    }
    return at_ != position || fail("a number is missing in {m,n}; write \\{ for a brace", position);
}

bool RegexCompiler::read_bounds(Bounds& bounds) {
    const std::size_t position = at_ - 1;
    if (!read_repeat_count(bounds.low)) {
        return false;
    }
    bounds.high = bounds.low;
    if (take(',')) {
        bounds.endless = at('}');
        if (!bounds.endless && !read_repeat_count(bounds.high)) {
            return false;
        }
    }
    if (!take('}')) {
        return fail("this { is never closed", position);
    }
    return bounds.endless || bounds.low <= bounds.high ||
           fail("in {m,n} m is larger than n", position);
}

bool RegexCompiler::append_copy(std::size_t begin, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        const Instruction instruction = regex_.code_[begin + i];
        if (!emit(instruction.op, instruction.operand, instruction.target)) {
            return false;
        }
    }
    return true;
}

// One or more:  X: body; loop X   or, where the body may match nothing,  X: mark; body; again X
bool RegexCompiler::make_loop(Block& block) {
    const auto length = static_cast<std::ptrdiff_t>(size() - block.begin);
    if (!block.may_be_empty) {
        return emit(Op::loop, 0, -length);
    }
    if (regex_.slot_count_ == Regex::kMaxSlots) {
        return fail("too many loops over something that may be empty", at_);
    }
    const unsigned slot = static_cast<unsigned>(regex_.slot_count_++);
    return insert(block.begin, Op::mark, slot, 0) && emit(Op::again, slot, -(length + 1));
}

// x{m,n} is m copies and then n - m optional ones:  x x split END; x split END; x END:
bool RegexCompiler::repeat(Block& block, Bounds bounds) {
    const std::size_t length = size() - block.begin;
    const bool body_may_be_empty = block.may_be_empty;
    if (!bounds.endless && bounds.high == 0) {
        regex_.size_ = block.begin;
        block.may_be_empty = true;
        return true;
    }
    for (unsigned i = 1; i < bounds.low; ++i) {
        if (!append_copy(block.begin, length)) {
            return false;
        }
    }
    if (bounds.endless) {
        Block last{size() - length, body_may_be_empty};
        if (!make_loop(last)) {
            return false;
        }
        if (bounds.low == 0) {
            block.may_be_empty = true;
            return insert(block.begin, Op::split, 0,
                          static_cast<std::ptrdiff_t>(size() - block.begin + 1));
        }
        return true;
    }
    std::size_t optional = bounds.high - bounds.low;
    std::size_t body = block.begin;
    if (bounds.low == 0) {
        block.may_be_empty = true;
        if (!insert(block.begin, Op::split, 0, static_cast<std::ptrdiff_t>(optional * (length + 1)))) {
            return false;
        }
        ++body;
        --optional;
    }
    for (; optional > 0; --optional) {
        if (!emit(Op::split, 0, static_cast<std::ptrdiff_t>(optional * (length + 1))) ||
            !append_copy(body, length)) {
            return false;
        }
    }
    return true;
}

}  // namespace fathom
