// Walking and printing a backtrace.
//
// Context: any; reads only what is mapped.

#include <panic/backtrace.hpp>

#include <string_view>

#include <panic/memory_probe.hpp>
#include <panic/symbols.hpp>
#include <panic/writer.hpp>

namespace fathom {

namespace {

/// A chain longer than this is taken for a loop in broken memory.
constexpr std::size_t kLongestWalk = 1u << 22;
constexpr std::size_t kFirstShown = 14;
constexpr std::size_t kLastShown = 4;

/// The link register, on the architecture that has one.
bool link_register(const arch::TrapFrame& frame, VirtAddr& out) {
    arch::NamedRegister named;
    for (unsigned number = 0; arch::frame_register(frame, number, named); ++number) {
        const std::string_view name = named.name;
        if (name == "x30" || name == "lr") {
            out = {named.value};
            return true;
        }
    }
    return false;
}

bool same_function(VirtAddr one, VirtAddr other) {
    const Symbol first = symbol_of(one);
    const Symbol second = symbol_of(other);
    return first.name.data() == second.name.data() && !first.name.empty();
}

/// The caller of code that has no frame record yet; 0 where the chain has it already.
VirtAddr caller_without_record(const arch::TrapFrame& frame) {
    const VirtAddr pc = arch::frame_pc(frame);
    VirtAddr link;
    if (link_register(frame, link)) {
        // After a call of its own the register points back into the function, which has a record.
        std::uint64_t recorded = 0;
        const VirtAddr record = arch::frame_pointer(frame);
        const bool has_record = record.value != 0 && read_word(record + 8, recorded);
        const bool usable = in_text(link) && !same_function(link - 1, pc);
        return usable && !(has_record && recorded == link.value) ? link : VirtAddr{};
    }
    // The return address is still on top: a jump to nowhere, or the first instruction of a function
    // (or its second, behind the push of the frame pointer).
    const std::uint64_t offset = symbol_of(pc).offset;
    if (in_text(pc) && offset > 1) {
        return {};
    }
    std::uint64_t top = 0;
    const VirtAddr slot = arch::frame_sp(frame) + (in_text(pc) && offset == 1 ? 8 : 0);
    return read_word(slot, top) && in_text({top}) ? VirtAddr{top} : VirtAddr{};
}

void print_entry(std::size_t number, VirtAddr entry) {
    const VirtAddr code = code_of_entry(entry, number);
    const Symbol symbol = symbol_of(code);
    if (symbol.name.empty()) {
        return say("  #{:<3} 0x{:016x}  not in the kernel's text", number, entry.value);
    }
    say("  #{:<3} 0x{:016x}  {} +0x{:x}", number, entry.value, symbol.name,
        symbol.offset + (entry - code));
}

}  // namespace

FrameWalk::FrameWalk(const arch::TrapFrame& frame)
    : next_(arch::frame_pc(frame)),
      leaf_caller_(caller_without_record(frame)),
      frame_pointer_(arch::frame_pointer(frame)) {}

bool FrameWalk::next(VirtAddr& out) {
    if (next_.value == 0) {
        return false;
    }
    out = next_;
    if (leaf_caller_.value != 0) {
        next_ = leaf_caller_;
        leaf_caller_ = {};
        return true;
    }
    std::uint64_t outer = 0;
    std::uint64_t return_address = 0;
    next_ = {};
    if (frame_pointer_.value != 0 && read_word(frame_pointer_, outer) &&
        read_word(frame_pointer_ + 8, return_address) && in_text({return_address})) {
        next_ = {return_address};
        // Callers lie higher on the stack; anything else ends the walk after this entry.
        frame_pointer_ = {outer > frame_pointer_.value ? outer : 0};
    }
    return true;
}

void print_backtrace(FrameWalk walk) {
    VirtAddr latest[kLastShown] = {};
    VirtAddr entry;
    std::size_t count = 0;
    while (count < kLongestWalk && walk.next(entry)) {
        if (count < kFirstShown) {
            print_entry(count, entry);
        } else {
            latest[count % kLastShown] = entry;
        }
        ++count;
    }
    if (count <= kFirstShown) {
        return;
    }
    std::size_t number = kFirstShown;
    if (count > kFirstShown + kLastShown) {
        say("  ...  {} more calls", count - kFirstShown - kLastShown);
        number = count - kLastShown;
    }
    for (; number < count; ++number) {
        print_entry(number, latest[number % kLastShown]);
    }
}

}  // namespace fathom
