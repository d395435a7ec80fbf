// The trace rings, and reading them.
//
// Owns:    fathom_trace_rings and fathom_trace_enabled (fixed names: GDB reads them).
// Context: any.
// Story:   see trace/event.hpp for the writers' side.

#include <trace/reader.hpp>

#include <build_options.hpp>
#include <context/atomic_scope.hpp>

namespace fathom {

// In .bss: 16 rings of 32 KiB; of 2 MiB in kTraceAtomic builds.
extern "C" {
constinit trace::Ring trace::fathom_trace_rings[kMaxCpus] = {};
constinit bool trace::fathom_trace_enabled = false;
}

void trace_turn(arch::Turn turn, Rule rule) {
    const std::uint64_t word = ContextWord::now().bits();
    const std::uint64_t section =
        trace::section(static_cast<std::uint64_t>(turn), static_cast<std::uint64_t>(rule),
                       reinterpret_cast<std::uint64_t>(__builtin_return_address(0)));
    if (turn == arch::Turn::preempt_off || turn == arch::Turn::irqs_off) {
        trace::emit(trace::PreemptOff{.context_word = word, .section = section});
    } else {
        trace::emit(trace::PreemptOn{.context_word = word, .section = section});
    }
}

namespace trace {

std::string_view name(EventId id) {
    switch (id) {
    case EventId::none: return "none";
    case EventId::stack_fault: return "stack_fault";
    case EventId::context_switch: return "context_switch";
    case EventId::wake: return "wake";
    case EventId::irq_enter: return "irq_enter";
    case EventId::irq_leave: return "irq_leave";
    case EventId::preempt_off: return "preempt_off";
    case EventId::preempt_on: return "preempt_on";
    case EventId::thread_create: return "thread_create";
    case EventId::thread_exit: return "thread_exit";
    case EventId::reserve_refill: return "reserve_refill";
    case EventId::thread_name: return "thread_name";
    }
    return "unknown";
}

std::uint64_t oldest_index(unsigned cpu) {
    const std::uint64_t end = fathom_trace_rings[cpu].claimed.load(std::memory_order_acquire);
    return end > kRingEntries ? end - kRingEntries : 0;
}

bool read_entry(unsigned cpu, std::uint64_t index, Entry& out) {
    const Ring& ring = fathom_trace_rings[cpu];
    const Entry& entry = ring.entries[index % kRingEntries];
    out.what = __atomic_load_n(&entry.what, __ATOMIC_ACQUIRE);
    out.cycles = __atomic_load_n(&entry.cycles, __ATOMIC_RELAXED);
    out.payload[0] = __atomic_load_n(&entry.payload[0], __ATOMIC_RELAXED);
    out.payload[1] = __atomic_load_n(&entry.payload[1], __ATOMIC_RELAXED);
    std::atomic_thread_fence(std::memory_order_acquire);
    // A writer that came meanwhile has zeroed `what`, or has moved the ring on past us.
    const bool unchanged = __atomic_load_n(&entry.what, __ATOMIC_RELAXED) == out.what;
    const bool overtaken =
        ring.claimed.load(std::memory_order_relaxed) > index + kRingEntries;
    return out.id() != EventId::none && unchanged && !overtaken;
}

std::size_t last(std::span<Entry> out) {
    std::uint64_t cursor[kMaxCpus];
    for (unsigned cpu = 0; cpu < kMaxCpus; ++cpu) {
        cursor[cpu] = fathom_trace_rings[cpu].claimed.load(std::memory_order_acquire);
    }
    std::size_t written = 0;
    while (written < out.size()) {
        int newest = -1;
        Entry best{};
        for (unsigned cpu = 0; cpu < kMaxCpus; ++cpu) {
            Entry entry;
            while (cursor[cpu] > oldest_index(cpu) && !read_entry(cpu, cursor[cpu] - 1, entry)) {
                --cursor[cpu];
            }
            if (cursor[cpu] > oldest_index(cpu) && (newest < 0 || entry.cycles > best.cycles)) {
                newest = static_cast<int>(cpu);
                best = entry;
            }
        }
        if (newest < 0) {
            break;
        }
        --cursor[newest];
        out[written++] = best;
    }
    return written;
}

}  // namespace trace

}  // namespace fathom
