// The serial line's lock, and whole lines through it.
//
// Context: any. The lock is the last but one in the lock order, so that almost everything may log.

#include <context/log.hpp>

#include <arch/console.hpp>
#include <context/atomic_scope.hpp>
#include <context/spinlock.hpp>

namespace fathom::detail {
namespace {

constinit IrqSpinlock console_lock{LockRank::console};

/// A line being built, with room for its "\n".
class Line {
public:
    /// Formats, adds the "\n" if asked to, and returns the whole text.
    std::string_view build(std::string_view format, std::span<const FormatArgument> arguments,
                           bool add_newline) {
        BufferSink sink({buffer_, kLongestLine});
        format_arguments(sink, format, arguments);
        std::size_t size = sink.size();
        if (add_newline) {
            buffer_[size++] = '\n';
        }
        return {buffer_, size};
    }

private:
    char buffer_[kLongestLine + 1];
};

}  // namespace

void log_line(std::string_view format, std::span<const FormatArgument> arguments) {
    Line line;
    const std::string_view text = line.build(format, arguments, true);
    IrqsOff atomic{unknown_context, window<512>};
    SpinlockHeld held{console_lock, atomic};
    arch::console_write(text);
}

void print_unlocked(std::string_view format, std::span<const FormatArgument> arguments,
                    bool add_newline) {
    Line line;
    arch::console_write(line.build(format, arguments, add_newline));
}

}  // namespace fathom::detail

namespace fathom {

void log_part(std::string_view text, Preemptible here) {
    IrqsOff atomic{here, window<512>};
    SpinlockHeld held{detail::console_lock, atomic};
    arch::console_write(text);
}

}  // namespace fathom
