// Walking and printing a backtrace.
//
// Context: any; reads only what is mapped.

#include <panic/backtrace.hpp>

#include <arch/leaf_caller.hpp>
#include <panic/memory_probe.hpp>
#include <panic/symbols.hpp>
#include <panic/writer.hpp>

namespace fathom {

namespace {

/// A chain longer than this is taken for a loop in broken memory.
constexpr std::size_t kLongestWalk = 1u << 22;
constexpr std::size_t kFirstShown = 14;
constexpr std::size_t kLastShown = 4;

bool same_function(VirtAddr one, VirtAddr other) {
    const Symbol first = symbol_of(one);
    const Symbol second = symbol_of(other);
    return first.name.data() == second.name.data() && !first.name.empty();
}

/// The caller of code that has no frame record; 0 where the chain has it already.
VirtAddr caller_without_record(const arch::TrapFrame& frame) {
    const VirtAddr pc = arch::frame_pc(frame);
    const Symbol symbol = symbol_of(pc);
    const arch::LeafCaller hint =
        arch::leaf_caller(frame, symbol.name.empty() ? VirtAddr{} : pc - symbol.offset);
    VirtAddr caller = hint.address;
    std::uint64_t word = 0;
    if (hint.slot.value != 0 && read_word(hint.slot, word)) {
        caller = {word};
    }
    if (!in_text(caller) || same_function(caller - 1, pc)) {
        return {};
    }
    const VirtAddr record = arch::frame_pointer(frame);
    const bool recorded = record.value != 0 && read_word(record + 8, word) && word == caller.value;
    return recorded ? VirtAddr{} : caller;
}

/// A line of a backtrace: an entry, and how often it comes again directly after (a recursion).
struct Line {
    std::size_t number = 0;
    VirtAddr entry;
    std::size_t more = 0;
};

void print_line(const Line& line) {
    const VirtAddr code = code_of_entry(line.entry, line.number);
    const Symbol symbol = symbol_of(code);
    if (symbol.name.empty()) {
        return say("  #{:<3} 0x{:016x}  not in the kernel's text", line.number, line.entry.value);
    }
    say("  #{:<3} 0x{:016x}  {} +0x{:x}", line.number, line.entry.value, symbol.name,
        symbol.offset + (line.entry - code));
    if (line.more != 0) {
        say("  ...  the same, {} times more", line.more);
    }
}

/// Prints the first lines as they come and keeps the latest ones for the end.
class LinePrinter {
public:
    void add(const Line& line) {
        if (count_ < kFirstShown) {
            print_line(line);
        } else {
            latest_[count_ % kLastShown] = line;
        }
        ++count_;
    }
    void finish() const {
        std::size_t index = kFirstShown;
        if (count_ > kFirstShown + kLastShown) {
            say("  ...  {} lines more", count_ - kFirstShown - kLastShown);
            index = count_ - kLastShown;
        }
        for (; index < count_; ++index) {
            print_line(latest_[index % kLastShown]);
        }
    }

private:
    std::size_t count_ = 0;
    Line latest_[kLastShown];
};

}  // namespace

FrameWalk::FrameWalk(const arch::TrapFrame& frame)
    : next_(arch::frame_pc(frame)),
      leaf_caller_(caller_without_record(frame)),
      frame_pointer_(arch::frame_pointer(frame)) {}

void FrameWalk::go_on_at(std::uint64_t return_address, std::uint64_t outer) {
    if (in_text({return_address})) {
        next_ = {return_address};
        // Callers lie higher on the stack; anything else ends the walk after this entry.
        frame_pointer_ = {outer > frame_pointer_.value ? outer : 0};
    }
}

bool FrameWalk::next(VirtAddr& out) {
    const auto read = [](VirtAddr address) -> Result<std::uint64_t> {
        std::uint64_t word = 0;
        return read_word(address, word) ? Result(word) : Error::not_found;
    };
    return next_by(read, out);
}

void print_backtrace(FrameWalk walk) {
    LinePrinter printer;
    Line line;
    VirtAddr entry;
    for (std::size_t number = 0; number < kLongestWalk && walk.next(entry); ++number) {
        if (number != 0 && entry == line.entry) {
            ++line.more;
            continue;
        }
        if (number != 0) {
            printer.add(line);
        }
        line = {.number = number, .entry = entry};
    }
    printer.add(line);
    printer.finish();
}

}  // namespace fathom
