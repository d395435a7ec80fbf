// The machine's clock, and sleeping.
//
// Owns:    see sched/clock.hpp.
// Context: see there.

#include <sched/clock.hpp>

#include <context/atomic_scope.hpp>
#include <lib/assert.hpp>
#include <sched/clock_scale.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/init.hpp>
#include <sched/scheduler.hpp>
#include <sched/timer_queue.hpp>

namespace fathom {

namespace {

constexpr std::uint64_t kTicksPerSecond = 1000;

// Constant after init_clock().
constinit ClockScale scale;
constinit std::uint64_t cycles_per_tick = 1'000'000;

struct SleepTimer : Timer {
    explicit SleepTimer(Thread& thread)
        : Timer(callable<CallClass::timer, &SleepTimer::wake>()), sleeper(thread) {}

    static void wake(Timer& timer, IrqsDisabled irqs) {
        make_runnable(static_cast<SleepTimer&>(timer).sleeper, irqs);
    }
    Thread& sleeper;
};

}  // namespace

std::uint64_t now_ns() { return cycles_to_ns(arch::read_cycles()); }

std::uint64_t cycles_to_ns(std::uint64_t cycles) { return scale.to_ns(cycles); }

static_assert(kNever == ClockScale::kForEver);
std::uint64_t ns_to_cycles(std::uint64_t ns) { return scale.to_cycles(ns); }

std::uint64_t tick_cycles() { return cycles_per_tick; }

void sleep_until(std::uint64_t deadline_ns, Preemptible here) {
    const std::uint64_t deadline = ns_to_cycles(deadline_ns);
    SleepTimer timer{current_thread()};
    {
        IrqsOff atomic{here, window<1024>};
        // It cannot fire before we have left this CPU: interrupts are off.
        current_thread().state = ThreadState::blocked;
        timer.set(deadline, atomic);
        switch_away(atomic);
    }
    timer.cancel(here);  // waits until its callback, maybe on another CPU, has let go of it
}

void sleep_for(std::uint64_t duration_ns, Preemptible here) {
    const std::uint64_t now = now_ns();
    sleep_until(duration_ns > kNever - now ? kNever : now + duration_ns, here);
}

void sched::init_clock() {
    const std::uint64_t frequency = arch::cycles_per_second();
    ASSERT(frequency >= arch::kSlowestCounter, "a clock of {} Hz", frequency);
    scale = ClockScale(frequency);
    cycles_per_tick = frequency / kTicksPerSecond;
    // A quantum of virtual time is about a quarter of a tick: the power of two above it.
    const unsigned shift = 64 - static_cast<unsigned>(__builtin_clzll(cycles_per_tick / 4));
    for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
        schedulers.of(cpu).queue.set_quantum_shift(shift);
    }
}

}  // namespace fathom
