// The scheduler's two moves: choose who runs next, and queue who has become ready.
//
// Both are short because the queue is (sched/run_queue.hpp), and because a thread is queued on a CPU,
// not in the machine: most of the time no other CPU's lock is taken.
//
// The rule for on_cpu: a thread whose on_cpu is set has not been saved yet. It may be queued, but only
// on its own CPU, which cannot choose it again before it has finished saving it.
//
// Owns:    see sched/scheduler.hpp.
// Context: atomic, interrupts off.

#include <sched/scheduler.hpp>

#include <arch/context_switch.hpp>
#include <arch/timer.hpp>
#include <context/atomic_scope.hpp>
#include <sched/balance.hpp>
#include <sched/cpu_scheduler.hpp>
#include <trace/event.hpp>

namespace fathom {

constinit PerCpu<CpuScheduler> schedulers;
constinit std::atomic<CpuMask> idle_cpus = 0;
constinit std::atomic<std::uint64_t> latest_machine_clock = 0;

namespace {

enum class Claim : bool { keeps, yields };

/// What becomes of a current thread that is not simply running: null where the queue decides.
[[gnu::noinline]] Thread* settle_unusual(CpuScheduler& cpu, Thread& current) {
    if (current.state != ThreadState::leaving) {
        return nullptr;  // blocked, exited, idle, or queued again by a wake that came first
    }
    // It must not be queued here, and nobody may have it before it is saved: the idle thread, which
    // runs next, carries it over.
    current.state = ThreadState::in_flight;
    cpu.leaving = &current;
    return cpu.idle;
}

/// The next to run on this CPU, marked as running; `current` has been charged and queued if it is
/// still ready.
[[gnu::always_inline]] inline Thread& choose_next(CpuScheduler& cpu, Thread& current, Claim claim,
                                                  IrqsDisabled irqs) {
    SpinlockHeld held{cpu.lock, irqs};
    arch::clear_reschedule_pending();
    __atomic_store_n(&cpu.passes, cpu.passes + 1, __ATOMIC_RELEASE);
    const std::uint64_t now = arch::read_cycles();
    const std::uint64_t ran = now - cpu.run_started;
    cpu.run_started = now;
    current.cycles += ran;
    current.charge(ran);

    Thread* next = nullptr;
    if (current.state == ThreadState::running) [[likely]] {
        current.state = ThreadState::queued;
        if (claim == Claim::yields) {
            cpu.queue.push_yielding(current);
        } else {
            cpu.queue.push(current);
        }
    } else {
        next = settle_unusual(cpu, current);
    }
    if (next == nullptr) [[likely]] {
        next = cpu.queue.pop();
        if (next == nullptr) [[unlikely]] {
            next = cpu.idle;
        } else {
            next->state = ThreadState::running;
            cpu.slice_end = now + cpu.queue.slice_cycles(next->weight_shift) + cpu.jitter;
            if (cpu.slice_end < cpu.armed_for) [[unlikely]] {
                cpu.armed_for = cpu.slice_end;
                arch::arm_timer(cpu.slice_end);
            }
        }
    }
    if (next != &current) [[likely]] {
        cpu.current = next;
        next->on_cpu.store(1, std::memory_order_relaxed);
        ++next->switches;
        ++cpu.switches;
    }
    return *next;
}

[[gnu::always_inline]] inline void switch_out(Claim claim, IrqsDisabled irqs) {
    Thread& current = current_thread();
    Thread& next = choose_next(schedulers.this_cpu(irqs), current, claim, irqs);
    if (&next != &current) [[likely]] {
        trace::emit(trace::ContextSwitch{.to = next.thread_id, .preempted = 0});
        arch::fathom_switch(&current, &next);
    }
}

/// Queues on a locked CPU. True if the CPU should reschedule for it.
[[gnu::always_inline]] inline bool queue_on(CpuScheduler& cpu, Thread& thread) {
    thread.state = ThreadState::queued;
    cpu.queue.push(thread);
    return cpu.current == cpu.idle || cpu.queue.beats_on_wake(thread, *cpu.current);
}

}  // namespace

void switch_away(IrqsDisabled irqs) { switch_out(Claim::keeps, irqs); }

void switch_away_from_trap(const arch::TrapFrame& frame, IrqsDisabled irqs) {
    Thread& current = current_thread();
    Thread& next = choose_next(schedulers.this_cpu(irqs), current, Claim::keeps, irqs);
    if (&next == &current) {
        return;
    }
    trace::emit(trace::ContextSwitch{.to = next.thread_id, .preempted = 1});
    arch::park_frame(current, frame);
    arch::fathom_resume(&next);
}

void yield(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    if (!schedulers.this_cpu(atomic).queue.empty()) {
        switch_out(Claim::yields, atomic);
    }
}

void preempt_here() {
    IrqsOff atomic{Preemptible::at_api_boundary(), window<1024>};
    switch_away(atomic);
}

void make_runnable(Thread& thread, IrqsDisabled irqs) {
    const std::uint32_t home = thread.cpu_index;
    // Only a machine with idle CPUs has anything to choose.
    if (idle_cpus.load(std::memory_order_relaxed) == 0) [[likely]] {
        CpuScheduler& cpu = schedulers.of(home);
        cpu.lock.lock(irqs);
        if ((thread.affinity & mask_of(home)) != 0) [[likely]] {
            cpu.queue.admit(thread);
            const bool reschedule = queue_on(cpu, thread);
            trace::emit(trace::Wake{.thread = thread.thread_id, .cpu = home});
            cpu.lock.unlock(irqs);  // from here on it may run, and end
            if (reschedule) {
                ask_to_reschedule(home);
            }
            return;
        }
        cpu.lock.unlock(irqs);
    }
    place_thread(thread, irqs);
}

void queue_from_elsewhere(CpuScheduler& cpu, std::uint32_t index, Thread& thread) {
    if (queue_on(cpu, thread)) {
        ask_to_reschedule(index);
    }
}

}  // namespace fathom
