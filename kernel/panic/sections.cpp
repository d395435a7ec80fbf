// The facts of a report.
//
// Context: the panicking CPU, its panic stack.

#include <panic/sections.hpp>

#include <arch/thread_anchor.hpp>
#include <arch/timer.hpp>
#include <context/lock_order.hpp>
#include <panic/memory_probe.hpp>
#include <panic/symbols.hpp>
#include <panic/writer.hpp>
#include <sched/thread.hpp>
#include <trace/describe.hpp>
#include <trace/reader.hpp>

namespace fathom {

namespace {

constexpr std::size_t kTraceShown = 16;
constexpr unsigned kRegistersOnALine = 3;

/// Whether all of the thread's control block can be read: its pointer may be what is broken.
bool is_readable_thread(const arch::ThreadAnchor* anchor) {
    const VirtAddr first = VirtAddr::of(anchor);
    return anchor != nullptr && is_readable(first) && is_readable(first + sizeof(Thread) - 1);
}

/// The name, whatever its bytes are now.
std::string_view bounded_name(const Thread& thread) {
    std::size_t length = 0;
    while (length < kThreadNameSize && thread.name_text[length] != '\0') {
        ++length;
    }
    return {thread.name_text, length};
}

void print_thread() {
    const arch::ThreadAnchor* const anchor = arch::current_thread_anchor();
    if (!is_readable_thread(anchor)) {
        return say("  thread   none that can be read (0x{:016x})", VirtAddr::of(anchor).value);
    }
    const auto& thread = *static_cast<const Thread*>(anchor);
    say("  thread   {} \"{}\", {}", thread.id().value, bounded_name(thread),
        thread.is_application() ? "application (lazily populated stack)"
                                : "kernel (populated stack)");
}

/// A source path from the project's folder on: UBSan's are absolute.
std::string_view project_path(std::string_view path) {
    for (std::string_view rest = path; rest.size() > 1; rest.remove_prefix(1)) {
        for (const std::string_view folder : {"/kernel/", "/tests/", "/boot/"}) {
            if (rest.starts_with(folder)) {
                return {rest.data() + 1, rest.size() - 1};
            }
        }
    }
    return path;
}

void print_held_locks(std::uint32_t cpu) {
    LockRank ranks[16];
    const unsigned count = lock_order_held(cpu, ranks, 16);
    if (count == 0) {
        return;
    }
    say_part("  locks    held, by rank, outermost first:");
    for (unsigned index = 0; index < count; ++index) {
        say_part(" {}", static_cast<unsigned>(ranks[index]));
    }
    say("");
}

void print_event(const trace::Entry& entry, std::uint64_t now) {
    char text[48];
    BufferSink payload(text);
    trace::describe_payload(entry, payload);
    say("  {:>10}  cpu {:<2} thread {:<5} {:<14} {}", now - entry.cycles, entry.cpu(),
        entry.thread(), trace::name(entry.id()), payload.text());
}

void print_cpus(const char* text, CpuMask cpus) {
    say_part("{}", text);
    for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
        if ((cpus >> cpu & 1) != 0) {
            say_part(" {}", cpu);
        }
    }
    say("");
}

}  // namespace

[[gnu::cold]] void print_where(const PanicCause& cause, std::uint32_t cpu) {
    const VirtAddr pc = arch::frame_pc(*cause.frame);
    const Symbol symbol = symbol_of(pc);
    if (cause.kind == PanicKind::failed_check) {
        say("  at       {}:{}", project_path(cause.file), cause.line);
    }
    if (symbol.name.empty()) {
        say("  in       0x{:016x}, which is not in the kernel's text", pc.value);
    } else {
        say("  in       {} +0x{:x}", symbol.name, symbol.offset);
    }
    const ContextWord word = cause.context_word();
    say("  context  CPU {}, preemption depth {}, interrupt depth {}, {}", cpu,
        word.preempt_depth(), word.irq_depth(),
        word.reschedule_pending() ? "reschedule pending" : "no reschedule pending");
    print_thread();
    print_held_locks(cpu);
}

void print_registers(const arch::TrapFrame& frame) {
    arch::NamedRegister named;
    unsigned number = 0;
    for (; arch::frame_register(frame, number, named); ++number) {
        say_part("  {:<6} {:016x}", named.name, named.value);
        if (number % kRegistersOnALine == kRegistersOnALine - 1) {
            say("");
        }
    }
    if (number % kRegistersOnALine != 0) {
        say("");
    }
}

void print_trace() {
    trace::Entry entries[kTraceShown];
    const std::size_t count = trace::last(entries);
    if (count == 0) {
        return;
    }
    say("Trace, the last {} events (cycles ago)", count);
    const std::uint64_t now = arch::read_cycles();
    for (std::size_t index = count; index-- > 0;) {
        print_event(entries[index], now);
    }
}

void print_other_cpus(std::uint32_t cpu, CpuMask others, CpuMask stopped) {
    if (others == 0) {
        return;
    }
    say("Other CPUs than {}", cpu);
    if (stopped != 0) {
        print_cpus("  stopped:", stopped);
    }
    if (const CpuMask silent = others & ~stopped) {
        print_cpus("  DID NOT ANSWER (interrupts off, or hung):", silent);
    }
}

}  // namespace fathom
