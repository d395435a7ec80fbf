// Repeats: * + ? {m,n}. What is counted is written out; what is endless is a loop.
//
// Context: any; no allocation.

#include <lib/regex_compiler.hpp>

namespace fathom {

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
bool RegexCompiler::make_loop(const Block& block) {
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
[[gnu::cold]] bool RegexCompiler::repeat(Block& block, Bounds bounds) {
    const std::size_t length = size() - block.begin;
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
    const bool done = bounds.endless ? repeat_for_ever(block, length, bounds.low)
                                     : repeat_at_will(block, length, bounds);
    block.may_be_empty |= bounds.low == 0;
    return done;
}

// The last copy becomes a loop; where none is demanded it can be passed by.
bool RegexCompiler::repeat_for_ever(const Block& block, std::size_t length, unsigned low) {
    if (!make_loop({size() - length, block.may_be_empty})) {
        return false;
    }
    const auto to_end = static_cast<std::ptrdiff_t>(size() - block.begin + 1);
    return low != 0 || insert(block.begin, Op::split, 0, to_end);
}

// The optional copies, each behind a way to the end of them all.
[[gnu::cold]]
bool RegexCompiler::repeat_at_will(const Block& block, std::size_t length, Bounds bounds) {
    std::size_t optional = bounds.high - bounds.low;
    std::size_t body = block.begin;
    const auto to_end = [&] { return static_cast<std::ptrdiff_t>(optional * (length + 1)); };
    if (bounds.low == 0) {
        if (!insert(block.begin, Op::split, 0, to_end())) {
            return false;
        }
        ++body;
        --optional;
    }
    for (; optional > 0; --optional) {
        if (!emit(Op::split, 0, to_end()) || !append_copy(body, length)) {
            return false;
        }
    }
    return true;
}

}  // namespace fathom
