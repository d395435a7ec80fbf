// What can be traced, and emit(), which records it from anywhere.
//
//     trace::emit(trace::StackFault{.address = address.value, .page_index = index});
//
// emit() takes no lock and no guard, allocates nothing and touches no stack: a ring per CPU in
// .bss, a slot claimed by one atomic add, four stores. An interrupt (or a migration) between the
// claim and the stores does no harm: the slot is ours alone until the ring has gone round. That is
// why the guards themselves can be traced.
//
// Off costs a load and a branch at run time (trace::set_enabled), nothing with kTraceEvents false.
// Stack faults are recorded whenever events are compiled in: they are what this kernel is about.
//
// Owns:    the event ids, their payloads, emit().
// Context: any.
// Story:   written by every layer above context; read by trace/reader.hpp, GDB and the panic
//          report.

#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <arch/cpu_local.hpp>
#include <arch/thread_anchor.hpp>
#include <arch/timer.hpp>
#include <build_options.hpp>

namespace fathom::trace {

/// Numbers that GDB scripts and log readers know: append only.
enum class EventId : std::uint8_t {
    none = 0,  ///< a slot that is empty, or being written
    stack_fault = 1,
    context_switch = 2,
    wake = 3,
    irq_enter = 4,
    irq_leave = 5,
    preempt_off = 6,
    preempt_on = 7,
    thread_create = 8,
    thread_exit = 9,
    reserve_refill = 10,
    thread_name = 11,
};

/// Every event is two words. The running thread, the CPU and the time come with each.

/// A stack page was populated on first touch.
struct StackFault {
    static constexpr EventId kId = EventId::stack_fault;
    static constexpr bool kAlways = true;
    std::uint64_t address;     ///< what was touched
    std::uint64_t page_index;  ///< pages below the top of its stack: 0 is the highest page
};
/// The running thread gives the CPU to another.
struct ContextSwitch {
    static constexpr EventId kId = EventId::context_switch;
    std::uint64_t to;         ///< id of the thread that runs next
    std::uint64_t preempted;  ///< 1: by an interrupt; 0: it called the scheduler
};
/// A blocked thread became runnable.
struct Wake {
    static constexpr EventId kId = EventId::wake;
    std::uint64_t thread;  ///< id of the woken one
    std::uint64_t cpu;     ///< where it was queued
};
/// What interrupted: the payload of irq_enter and irq_leave.
enum class Interrupt : std::uint64_t { timer = 1, reschedule = 2, shootdown = 3, console = 4 };
struct IrqEnter {
    static constexpr EventId kId = EventId::irq_enter;
    Interrupt interrupt;
    std::uint64_t unused = 0;
};
struct IrqLeave {
    static constexpr EventId kId = EventId::irq_leave;
    Interrupt interrupt;
    std::uint64_t unused = 0;
};
/// A guard was entered or left (kTraceAtomic builds).
struct PreemptOff {
    static constexpr EventId kId = EventId::preempt_off;
    std::uint64_t context_word;  ///< after the turn
    std::uint64_t section;       ///< see section()
};
struct PreemptOn {
    static constexpr EventId kId = EventId::preempt_on;
    std::uint64_t context_word;  ///< before the turn
    std::uint64_t section;
};

/// Which section is entered or left: bits 3..0 arch::Turn, 7..4 the rule, 63..16 where (the low 48
/// bits of a code address).
constexpr std::uint64_t section(std::uint64_t turn, std::uint64_t rule, std::uint64_t pc) {
    return turn | rule << 4 | pc << 16;
}

struct ThreadCreate {
    static constexpr EventId kId = EventId::thread_create;
    std::uint64_t thread;
    std::uint64_t stack_bytes;
};
struct ThreadExit {
    static constexpr EventId kId = EventId::thread_exit;
    std::uint64_t value;
    std::uint64_t cycles;  ///< CPU time that it used
};
/// Whose creation the same thread has just told of (kTraceAtomic builds).
struct ThreadName {
    static constexpr EventId kId = EventId::thread_name;
    char text[15];             ///< filled up with zeros
    std::uint8_t application;  ///< 1: its stack is lazily populated
};
/// The frame reserve of a CPU was filled up.
struct ReserveRefill {
    static constexpr EventId kId = EventId::reserve_refill;
    std::uint64_t frames;   ///< in the reserve afterwards
    std::uint64_t waiters;  ///< threads that waited for memory
};

/// A slot of a ring, as GDB reads it. 32 bytes.
struct Entry {
    std::uint64_t cycles;  ///< arch::read_cycles()
    std::uint64_t what;    ///< bits 7..0 EventId, 15..8 CPU, 63..16 thread id (its low 48 bits)
    std::uint64_t payload[2];

    EventId id() const { return static_cast<EventId>(what & 0xff); }
    unsigned cpu() const { return (what >> 8) & 0xff; }
    std::uint64_t thread() const { return what >> 16; }
};
static_assert(sizeof(Entry) == 32);

/// Slots in the ring of one CPU; a power of two. Builds that record each turn keep more of them.
inline constexpr std::size_t kRingEntries = kTraceAtomic ? 65536 : 1024;

/// The ring of one CPU. `claimed` only grows; slot = claimed % kRingEntries.
struct alignas(64) Ring {
    std::atomic<std::uint64_t> claimed;
    alignas(32) Entry entries[kRingEntries];
};

// Fixed names for GDB scripts: an array of kMaxCpus rings, and the switch.
extern "C" Ring fathom_trace_rings[kMaxCpus];
extern "C" bool fathom_trace_enabled;

/// The run-time switch. Off until somebody turns it on.
/// Context: any.
inline bool enabled() { return fathom_trace_enabled; }  // plain: one instruction with its test
inline void set_enabled(bool on) { __atomic_store_n(&fathom_trace_enabled, on, __ATOMIC_RELAXED); }

/// The event's name, for reports.
/// Context: any.
std::string_view name(EventId id);

namespace detail {

template <typename Event>
consteval bool recorded_always() {
    return requires { Event::kAlways; };
}

/// Writes the slot. `what` is zero while it is written, so that a reader sees all of it or none:
/// the fence keeps the stores that follow from passing the zero (x86_64: no instruction; aarch64:
/// one, dmb ish). Events that are recorded always go without, or every stack fault would pay for
/// it: on aarch64 a reader that looks just while such a one is written may see an older event with
/// its time or payload. (`what` is one word, so what is counted by it is right.)
template <bool Fenced>
[[gnu::always_inline]] inline void record(EventId id, std::uint64_t thread, std::uint64_t first,
                                          std::uint64_t second) {
    const std::uint32_t cpu = arch::this_cpu_index();
    Ring& ring = fathom_trace_rings[cpu];
    const std::uint64_t index = ring.claimed.fetch_add(1, std::memory_order_relaxed);
    Entry* slot = &ring.entries[index % kRingEntries];
    asm("" : "+r"(slot));  // or GCC computes the address again for each field
    Entry& entry = *slot;
    __atomic_store_n(&entry.what, 0, __ATOMIC_RELAXED);
    if constexpr (Fenced) {
        std::atomic_thread_fence(std::memory_order_release);
    } else {
        std::atomic_signal_fence(std::memory_order_release);  // the compiler's order costs nothing
    }
    entry.cycles = arch::read_cycles();
    entry.payload[0] = first;
    entry.payload[1] = second;
    __atomic_store_n(&entry.what, static_cast<std::uint64_t>(id) | cpu << 8 | thread << 16,
                     __ATOMIC_RELEASE);
}

}  // namespace detail

/// Records `event` for the running thread, which must exist: turn tracing on only after
/// sched::init_boot_cpu().
/// Context: any.
template <typename Event>
[[gnu::always_inline]] inline void emit(const Event& event) {
    if constexpr (kTraceEvents) {
        if (detail::recorded_always<Event>() || enabled()) [[unlikely]] {
            struct Words {
                std::uint64_t first, second;
            };
            const auto words = std::bit_cast<Words>(event);
            detail::record<!detail::recorded_always<Event>()>(
                Event::kId, arch::current_thread_anchor()->thread_id, words.first, words.second);
        }
    }
}

}  // namespace fathom::trace
