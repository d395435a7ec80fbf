// The trace rings: what is recorded, in which order, from where, and what happens when they are
// full.
//
// What would break without it: an event that is lost or torn, one that names the wrong thread, a
// ring that grows past its end, an emit() that cannot be used in an interrupt.

#include <runner/test.hpp>

#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <kernel/support/crew.hpp>
#include <kernel/support/where.hpp>
#include <sched/clock.hpp>
#include <sched/timer_queue.hpp>
#include <sync/semaphore.hpp>
#include <trace/reader.hpp>

namespace fathom {
namespace {

constexpr std::uint64_t kMark = 0x7ace'0000;
constexpr std::uint64_t kManyMark = kMark + 0x100'0000;  // beyond the other tests' marks

/// Pins the test to CPU 0, whose ring is then ours alone but for interrupts.
class OnCpu0 {
public:
    explicit OnCpu0(Preemptible here) : here_(here) {
        static_cast<void>(set_affinity(current_thread().id(), 1, here_));
    }
    ~OnCpu0() { static_cast<void>(set_affinity(current_thread().id(), kAllCpus, here_)); }
    OnCpu0(const OnCpu0&) = delete;
    OnCpu0& operator=(const OnCpu0&) = delete;

private:
    [[no_unique_address]] Preemptible here_;
};

struct EmittingTimer : Timer {
    EmittingTimer() : Timer(callable<CallClass::timer, &EmittingTimer::ring>()) {}
    static void ring(Timer&, IrqsDisabled) {
        trace::emit(trace::Wake{.thread = kMark + 77, .cpu = 0});
        static_cast<void>(rung.fetch_add(1));
    }
    static inline std::atomic<unsigned> rung = 0;
};

}  // namespace

KERNEL_TEST("trace: events stay in order, with their payload, thread, CPU, time") {
    if (!trace::enabled()) {
        SKIP(test, "tracing is off");
    }
    const OnCpu0 pinned(here);
    for (std::uint64_t number = 0; number < 50; ++number) {
        trace::emit(trace::Wake{.thread = kMark + number, .cpu = number * 3});
    }
    std::uint64_t next = 0;
    std::uint64_t latest = 0;
    trace::for_each([&](const trace::Entry& entry) {
        if (entry.id() != trace::EventId::wake || entry.payload[0] - kMark >= 50) {
            return;
        }
        EXPECT_EQ(test, entry.payload[0], kMark + next);
        EXPECT_EQ(test, entry.payload[1], next * 3);
        EXPECT_EQ(test, entry.thread(), current_thread().thread_id & ((1ull << 48) - 1));
        EXPECT_EQ(test, entry.cpu(), 0u);
        EXPECT_GE(test, entry.cycles, latest);
        latest = entry.cycles;
        ++next;
    });
    EXPECT_EQ(test, next, 50u);
}

KERNEL_TEST("trace: a full ring forgets the oldest and keeps the newest") {
    if (!trace::enabled()) {
        SKIP(test, "tracing is off");
    }
    const OnCpu0 pinned(here);
    constexpr std::uint64_t kEvents = 3 * trace::kRingEntries;
    for (std::uint64_t number = 0; number < kEvents; ++number) {
        trace::emit(trace::Wake{.thread = kManyMark + number, .cpu = 0});
    }
    std::uint64_t oldest = ~std::uint64_t{0};
    std::uint64_t newest = 0;
    unsigned found = 0;
    trace::set_enabled(false);  // a tick would overwrite what is being read
    trace::for_each([&](const trace::Entry& entry) {
        const std::uint64_t number = entry.payload[0] - kManyMark;
        if (entry.id() == trace::EventId::wake && number < kEvents) {
            oldest = number < oldest ? number : oldest;
            newest = number > newest ? number : newest;
            ++found;
        }
    });
    trace::set_enabled(true);
    EXPECT_EQ(test, newest, kEvents - 1);
    EXPECT_EQ(test, newest - oldest + 1, found);
    EXPECT_LE(test, found, trace::kRingEntries);
    EXPECT_GE(test, found, trace::kRingEntries / 2);  // interrupts leave events as well
    trace::Entry entry;
    EXPECT(test, !trace::read_entry(0, 0, entry));  // long overwritten
}

KERNEL_TEST("trace: an interrupt handler can emit, between its enter and leave") {
    if (!trace::enabled()) {
        SKIP(test, "tracing is off");
    }
    const OnCpu0 pinned(here);
    EmittingTimer timer;
    EmittingTimer::rung.store(0);
    timer.set(arch::read_cycles() + ns_to_cycles(50'000), here);
    while (EmittingTimer::rung.load() == 0) {
        arch::spin_hint();
    }
    EXPECT(test, !timer.cancel(here));
    enum { nothing, entered, emitted, left } seen = nothing;
    trace::for_each([&](const trace::Entry& entry) {
        if (entry.cpu() != 0 || seen == left) {
            return;
        }
        if (entry.id() == trace::EventId::irq_enter && seen != emitted) {
            seen = entered;
        } else if (entry.id() == trace::EventId::wake && entry.payload[0] == kMark + 77) {
            EXPECT(test, seen == entered);
            EXPECT_EQ(test, entry.thread(), current_thread().thread_id & ((1ull << 48) - 1));
            seen = emitted;
        } else if (entry.id() == trace::EventId::irq_leave && seen == emitted) {
            seen = left;
        }
    });
    EXPECT(test, seen == left);
}

KERNEL_TEST("trace: events are counted by thread and type") {
    if (!trace::enabled()) {
        SKIP(test, "tracing is off");
    }
    Crew crew(test, here, [&test](Preemptible inner, unsigned number) {
        const std::uint64_t self = current_thread().thread_id;
        {
            // Nothing else comes into this CPU's ring until all is counted.
            IrqsOff atomic{inner, window<1024>};
            for (unsigned i = 0; i < number + 3; ++i) {
                trace::emit(trace::ReserveRefill{.frames = i, .waiters = 0});
            }
        }
        EXPECT_EQ(test, trace::count<trace::ReserveRefill>(self), number + 3);
    });
    crew.start(3, {.name = "emitter"});
    crew.join();
}

KERNEL_TEST("trace: creation, switches and the end of a thread are recorded") {
    if (!trace::enabled()) {
        SKIP(test, "tracing is off");
    }
    Semaphore go{0};
    Crew crew(test, here, [&go](Preemptible inner, unsigned) { go.wait(inner); });
    const ThreadId id = crew.start({.name = "traced", .stack_bytes = KiB(64)});
    go.post(here);
    crew.join();
    unsigned created = 0;
    trace::for_each([&](const trace::Entry& entry) {
        created += entry.id() == trace::EventId::thread_create && entry.payload[0] == id.value &&
                   entry.payload[1] == KiB(64);
    });
    EXPECT_EQ(test, created, 1u);
    EXPECT_EQ(test, trace::count<trace::ThreadExit>(id.value), 1u);
    EXPECT_GE(test, trace::count<trace::ContextSwitch>(id.value), 1u);
}

KERNEL_TEST("trace: the latest events come newest first") {
    if (!trace::enabled()) {
        SKIP(test, "tracing is off");
    }
    static trace::Entry entries[128];
    constexpr std::uint64_t kFirst = kMark + 0x9000;
    constexpr std::uint64_t kEvents = 40;
    std::size_t found = 0;
    {
        // An interrupt between an event's slot and its time would give its own events the later
        // slots with the earlier times.
        IrqsOff atomic{here, window<1024>};
        for (std::uint64_t number = 0; number < kEvents; ++number) {
            trace::emit(trace::Wake{.thread = kFirst + number, .cpu = 0});
        }
        found = trace::last(entries);
    }
    EXPECT_GE(test, found, kEvents);
    // Other CPUs' events may lie between ours.
    std::uint64_t expected = kFirst + kEvents;
    std::uint64_t newer = ~std::uint64_t{0};
    for (std::size_t i = 0; i < found && expected != kFirst; ++i) {
        if (entries[i].id() == trace::EventId::wake && entries[i].payload[0] >= kFirst &&
            entries[i].payload[0] < kFirst + kEvents) {
            EXPECT_EQ(test, entries[i].payload[0], --expected);
            EXPECT_LE(test, entries[i].cycles, newer);
            newer = entries[i].cycles;
        }
    }
    EXPECT_EQ(test, expected, kFirst);
}

KERNEL_TEST("trace: every event has a name") {
    for (unsigned id = 1; id <= static_cast<unsigned>(trace::EventId::thread_name); ++id) {
        EXPECT_GT(test, trace::name(static_cast<trace::EventId>(id)).size(), 0u);
    }
}

}  // namespace fathom
