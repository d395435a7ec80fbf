// Words for the payload of each event.
//
// Context: any.

#include <trace/describe.hpp>

#include <lib/format.hpp>

namespace fathom::trace {

namespace {

std::string_view name(Interrupt interrupt) {
    switch (interrupt) {
    case Interrupt::timer: return "timer";
    case Interrupt::reschedule: return "reschedule";
    case Interrupt::shootdown: return "shootdown";
    case Interrupt::console: return "console";
    }
    return "unknown";
}

/// The rule that a section states: event.hpp, section().
unsigned rule_of(std::uint64_t section) { return section >> 4 & 15; }

}  // namespace

void describe_payload(const Entry& entry, BufferSink& out) {
    const std::uint64_t first = entry.payload[0];
    const std::uint64_t second = entry.payload[1];
    switch (entry.id()) {
    case EventId::none: return;
    case EventId::stack_fault: return format_to(out, "0x{:x} page {}", first, second);
    case EventId::context_switch:
        return first == 0 ? format_to(out, "to idle{}", second != 0 ? ", preempted" : "")
                          : format_to(out, "to thread {}{}", first,
                                      second != 0 ? ", preempted" : "");
    case EventId::wake: return format_to(out, "thread {} on cpu {}", first, second);
    case EventId::irq_enter:
    case EventId::irq_leave: return out.write(name(static_cast<Interrupt>(first)));
    case EventId::preempt_off:
    case EventId::preempt_on:
        return format_to(out, "rule {}, word 0x{:x}", rule_of(second), first);
    case EventId::thread_create:
        return format_to(out, "thread {}, stack {}", first, second);
    case EventId::thread_exit: return format_to(out, "value {}", first);
    case EventId::reserve_refill:
        return format_to(out, "{} frames, {} had waited", first, second);
    case EventId::thread_name: return;
    }
}

}  // namespace fathom::trace
