// Interrupts: what one takes from the thread that it interrupts, and how long one had to wait.

#include <figures/measure.hpp>

#include <atomic>

#include <kernel/support/deep.hpp>
#include <lib/proof_fact.h>
#include <mm/heap.hpp>
#include <sched/clock.hpp>
#include <sched/spawn.hpp>
#include <sched/timer_queue.hpp>
#include <sched/trim.hpp>

namespace fathom {
namespace {

// Fires again and again, and notes the latest that it came.
struct Prober : Timer {
    Prober() : Timer(callable<CallClass::timer, &Prober::fire>()) {}

    static void fire(Timer& timer, IrqsDisabled irqs) {
        auto& prober = static_cast<Prober&>(timer);
        const std::uint64_t now = arch::read_cycles();
        prober.worst = std::max(prober.worst, now - timer.deadline());
        prober.fired.fetch_add(1, std::memory_order_relaxed);
        if (prober.period != 0) {
            timer.set(now + prober.period, irqs);
        }
    }

    std::uint64_t worst = 0;
    std::uint64_t period = 0;  ///< 0: once
    std::atomic<unsigned> fired = 0;
};

// The longest pause between two readings of the counter while one timer fires, less the usual one:
// entry, the timer queue, its callback, exit.
std::uint64_t timer_interrupt(Preemptible here) {
    Prober prober;
    prober.fired = 0;
    prober.set(arch::read_cycles() + 3000, here);
    std::uint64_t usual = ~0ull, longest = 0;
    std::uint64_t last = arch::read_cycles();
    for (bool done = false; !done;) {
        done = prober.fired != 0;  // asked before the reading, which then comes after the interrupt
        const std::uint64_t now = arch::read_cycles();
        usual = std::min(usual, now - last);
        longest = std::max(longest, now - last);
        last = now;
    }
    return longest - usual;
}

void deep_thread(Preemptible, void*) { static_cast<void>(sum_down(30)); }

// Some of everything that turns interrupts off for long.
void work_hard(Preemptible here) {
    for (unsigned round = 0; round < 40; ++round) {
        const auto thread = spawn_application<deep_thread>({.name = "deep"}, nullptr, here);
        void* const block = mm::heap_allocate(std::size_t{100} << round % 10, here);
        if (thread.ok()) {
            static_cast<void>(join_thread(*thread, here));
        }
        mm::heap_free(block, here);
        static_cast<void>(trim_stacks(here));
    }
}

}  // namespace

void measure_interrupts(Preemptible here) {
    Samples samples;
    for (std::uint64_t& sample : samples) {
        sample = timer_interrupt(here);
    }
    print_cycles("timer_interrupt", median(samples));
    Prober prober;
    prober.period = 1009;  // prime, so that it falls on every place in time
    prober.set(arch::read_cycles() + prober.period, here);
    work_hard(here);
    prober.period = 0;
    sleep_for(1'000'000, here);
    prober.cancel(here);
    print_cycles("interrupt_latency", prober.worst);
}

}  // namespace fathom
