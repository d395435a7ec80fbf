// The matcher: a recursive backtracker whose recursion is bounded by bytes of stack and by steps.
//
// Context: any; deep. Each frame is a real one of 64 to 112 bytes: loops over the data are calls.

#include <lib/regex.hpp>

#include <lib/regex_compiler.hpp>

namespace fathom {
namespace {

std::uintptr_t frame_address() {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

}  // namespace

/// One search of one line.
class RegexMatcher {
public:
    RegexMatcher(const Regex& regex, std::string_view line, std::uintptr_t stack_floor,
                 std::uint64_t steps)
        : sets_(regex.sets_.data()),
          begin_(line.data()),
          end_(line.data() + line.size()),
          stack_floor_(stack_floor),
          steps_left_(steps) {}

    /// Whether the program from `pc` on matches from `at` on.
    [[gnu::noinline]] bool run(const Regex::Instruction* pc, const char* at) {
        using Op = Regex::Op;
        while (may_go_on()) {
            switch (pc->op) {
            case Op::jump: pc += pc->target; break;
            case Op::split:
                if (run(pc + 1, at)) {
                    return true;
                }
                pc += pc->target;
                break;
            case Op::loop:
                if (run(pc + pc->target, at)) {
                    return true;
                }
                ++pc;
                break;
            case Op::again:
                if (slots_[pc->operand] != at && run(pc + pc->target, at)) {
                    return true;
                }
                ++pc;
                break;
            case Op::mark: return run_marked(pc, at);
            case Op::match: outcome_ = MatchOutcome::found; return true;
            default:
                if (!step(*pc, at)) {
                    return false;
                }
                ++pc;
            }
        }
        return false;
    }

    MatchOutcome outcome() const { return outcome_; }

private:
    /// Counts a step; false once the search is over or has used up what it may.
    [[gnu::always_inline]] bool may_go_on() {
        if (outcome_ != MatchOutcome::none) [[unlikely]] {
            return false;
        }
        if (steps_left_ == 0) [[unlikely]] {
            outcome_ = MatchOutcome::too_long;
            return false;
        }
        if (frame_address() < stack_floor_) [[unlikely]] {
            outcome_ = MatchOutcome::too_deep;
            return false;
        }
        --steps_left_;
        return true;
    }

    /// The instructions that look at the line: moves `at` over what they match.
    [[gnu::always_inline]] bool step(Regex::Instruction instruction, const char*& at) const {
        using Op = Regex::Op;
        switch (instruction.op) {
        case Op::line_begin: return at == begin_;
        case Op::line_end: return at == end_;
        default: break;
        }
        if (at == end_) {
            return false;
        }
        const auto byte = static_cast<unsigned char>(*at++);
        switch (instruction.op) {
        case Op::byte: return byte == instruction.operand;
        case Op::set: return sets_[instruction.operand].has(byte);
        default: return true;  // any
        }
    }

    /// What follows a mark runs inside this call, so that backtracking over it puts the slot back.
    bool run_marked(const Regex::Instruction* pc, const char* at) {
        const char*& slot = slots_[pc->operand];
        const char* const before = slot;
        slot = at;
        if (run(pc + 1, at)) {
            return true;
        }
        slot = before;
        return false;
    }

    const ByteSet* sets_;
    const char* begin_;
    const char* end_;
    std::uintptr_t stack_floor_;
    std::uint64_t steps_left_;
    MatchOutcome outcome_ = MatchOutcome::none;
    const char* slots_[Regex::kMaxSlots]{};
};

std::optional<PatternError> Regex::compile(std::string_view pattern) {
    size_ = set_count_ = slot_count_ = 0;
    first_bytes_ = {};
    may_be_empty_ = from_begin_only_ = false;
    if (const auto error = RegexCompiler(*this, pattern).run()) {
        return error;
    }
    find_first_bytes();
    // `.*` compiles to split, any, loop; nothing else starts so.
    from_begin_only_ = size_ > 3 && code_[0].op == Op::split && code_[0].target == 3 &&
                       code_[1].op == Op::any && code_[2].op == Op::loop;
    return std::nullopt;
}

// Walks every way from the begin to the first instruction that needs a byte.
void Regex::find_first_bytes() {
    std::array<std::uint16_t, kMaxInstructions> to_visit;
    std::array<std::uint64_t, kMaxInstructions / 64> seen{};
    std::size_t waiting = 0;
    const auto visit = [&](std::size_t index) {
        if ((seen[index / 64] >> index % 64 & 1) == 0) {
            seen[index / 64] |= 1ull << index % 64;
            to_visit[waiting++] = static_cast<std::uint16_t>(index);
        }
    };
    visit(0);
    while (waiting > 0) {
        const std::size_t index = to_visit[--waiting];
        const Instruction instruction = code_[index];
        const std::size_t target =
            index + static_cast<std::size_t>(std::ptrdiff_t{instruction.target});
        switch (instruction.op) {
        case Op::byte: first_bytes_.add(instruction.operand); break;
        case Op::any: first_bytes_.add_all(); break;
        case Op::set: first_bytes_.add_all_of(sets_[instruction.operand]); break;
        case Op::match: may_be_empty_ = true; break;
        case Op::jump: visit(target); break;
        case Op::split:
        case Op::loop:
        case Op::again:
            visit(target);
            visit(index + 1);
            break;
        case Op::mark:
        case Op::line_begin:
        case Op::line_end: visit(index + 1); break;
        }
    }
}

MatchOutcome Regex::search(std::string_view line, Limits limits) const {
    if (size_ == 0) {
        return MatchOutcome::none;
    }
    const std::uintptr_t here = frame_address();
    const std::uintptr_t floor = here > limits.stack_bytes ? here - limits.stack_bytes : 0;
    RegexMatcher matcher(*this, line, floor, limits.steps);
    const std::size_t last = from_begin_only_ ? 0 : line.size();
    for (std::size_t start = 0; start <= last; ++start) {
        const bool can_start =
            may_be_empty_ ||
            (start < line.size() && first_bytes_.has(static_cast<unsigned char>(line[start])));
        if (can_start && matcher.run(code_.data(), line.data() + start)) {
            return MatchOutcome::found;
        }
        if (matcher.outcome() != MatchOutcome::none) {
            return matcher.outcome();
        }
    }
    return MatchOutcome::none;
}

}  // namespace fathom
