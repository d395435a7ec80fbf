// The timer interrupt: expired timers, the end of a slice, and when to be interrupted next.
//
// There is no fixed tick. A CPU is interrupted at the end of its thread's slice or at its first
// timer, whichever comes first; an idle CPU only by a timer. A slice is two quanta of virtual time:
// about half a tick (1 ms) for a high-priority thread, a quarter and an eighth for the others.
//
// Owns:    handle_tick(), interrupt_at(), the jitter.
// Context: atomic, interrupts off.
// Story:   comes from trap_dispatch.cpp.

#include <arch/stack_probe.hpp>
#include <arch/timer.hpp>
#include <sched/balance.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/init.hpp>
#include <sched/scheduler.hpp>
#include <sched/timer_queue.hpp>

namespace fathom {

namespace {

/// The next number of a xorshift generator (Marsaglia 2003); never 0 if it was not.
std::uint64_t next_random(std::uint64_t& state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/// Draws how much longer the coming slices are: up to a quarter of the longest.
void draw_jitter(CpuScheduler& cpu) {
    if (cpu.random != 0) {
        cpu.jitter = next_random(cpu.random) & (cpu.queue.slice_cycles(2) - 1);
    }
}

/// The running thread's slice is over: charges it, and starts another slice or asks for a switch.
void end_slice(CpuScheduler& cpu, std::uint64_t now, IrqsDisabled irqs) {
    SpinlockHeld held{cpu.lock, irqs};
    Thread& current = *cpu.current;
    const std::uint64_t ran = now - cpu.run_started;
    cpu.run_started = now;
    current.cycles += ran;
    current.charge(ran);
    cpu.queue.follow(current);
    draw_jitter(cpu);
    if (cpu.queue.beats_at_slice_end(current)) {
        arch::set_reschedule_pending();
    }
}

}  // namespace

void handle_tick(IrqsDisabled irqs) {
    CpuScheduler& cpu = this_scheduler(irqs);
    cpu.armed_for = kNever;
    const std::uint64_t now = arch::read_cycles();
    run_expired_timers(now, irqs);
    // Read without the lock: what runs here only we change.
    const bool busy = cpu.current != cpu.idle;
    if (busy && now >= cpu.slice_end()) {
        end_slice(cpu, now, irqs);
        balance_at_slice_end(irqs);
    }
    interrupt_at(first_timer_deadline(irqs), irqs);
    if (busy) {
        interrupt_at(cpu.slice_end(), irqs);
    }
}

void interrupt_at(std::uint64_t deadline, IrqsDisabled irqs) {
    CpuScheduler& cpu = this_scheduler(irqs);
    if (deadline < cpu.armed_for) {
        cpu.armed_for = deadline;
        arch::arm_timer(deadline);
    }
}

void sched::set_jitter_seed(std::uint64_t seed) {
    for (std::uint32_t index = 0; index < kMaxCpus; ++index) {
        CpuScheduler& cpu = schedulers.of(index);
        // Never 0 with a seed, and different on every CPU.
        cpu.random = seed == 0 ? 0 : (seed * 0x9e37'79b9'7f4a'7c15 + index) | 1;
        cpu.jitter = 0;
    }
}

}  // namespace fathom
