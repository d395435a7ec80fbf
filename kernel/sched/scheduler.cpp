// The scheduler's two moves: choose who runs next, and queue who has become ready.
//
// Both are short because the queue is (sched/run_queue.hpp), and because a thread is queued on a
// CPU, not in the machine: most of the time no other CPU's lock is taken.
//
// The rule for on_cpu: a thread whose on_cpu is set has not been saved yet. It may be queued, but
// only on its own CPU, which cannot choose it again before it has finished saving it.
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

/// `current` has run until now: its virtual time and its CPU time grow.
[[gnu::always_inline]] inline void charge(CpuScheduler& cpu, Thread& current) {
    const std::uint64_t now = arch::read_cycles();
    const std::uint64_t ran = now - cpu.run_started;
    cpu.run_started = now;
    current.cycles += ran;
    current.charge(ran);
}

/// `next` is what runs on this CPU from now on.
[[gnu::always_inline]] inline void make_current(CpuScheduler& cpu, Thread& next) {
    cpu.current = &next;
    next.on_cpu.store(1, std::memory_order_relaxed);
    ++cpu.switches;
}

/// The next to run on this CPU, marked as running; `current` has been charged and queued if it is
/// still ready.
[[gnu::always_inline]] inline Thread& choose_next(CpuScheduler& cpu, Thread& current, Claim claim,
                                                  IrqsDisabled irqs) {
    SpinlockHeld held{cpu.lock, irqs};
    arch::clear_reschedule_pending();
    charge(cpu, current);
    Thread* next = nullptr;
    if (current.state == ThreadState::running) {
        current.state = ThreadState::queued;
        if (claim == Claim::yields) {
            cpu.queue.push_yielding(current);
        } else {
            cpu.queue.push(current);
        }
    } else {
        next = settle_unusual(cpu, current);
    }
    if (next == nullptr) {
        next = cpu.queue.pop();
        if (next == nullptr) {
            next = cpu.idle;
        } else {
            next->state = ThreadState::running;
        }
    }
    if (next != &current) [[likely]] {
        make_current(cpu, *next);
    } else {
        ++cpu.passes;
    }
    return *next;
}

[[gnu::always_inline]] inline void switch_to(Thread& current, Thread& next) {
    trace::emit(trace::ContextSwitch{.to = next.thread_id, .preempted = 0});
    arch::fathom_switch(&current, &next);
}

/// The whole of giving up the CPU, whatever the caller's state.
[[gnu::noinline]] void switch_out(Claim claim, IrqsDisabled irqs) {
    Thread& current = current_thread();
    Thread& next = choose_next(this_scheduler(irqs), current, claim, irqs);
    if (&next != &current) [[likely]] {
        switch_to(current, next);
    }
}

/// The same for a yield in the commonest case: two or more threads take turns within a quantum of
/// virtual time. False, and nothing done, in any other case.
[[gnu::always_inline]] inline bool try_yield(IrqsDisabled irqs) {
    CpuScheduler& cpu = this_scheduler(irqs);
    Thread& current = current_thread();
    cpu.lock.lock(irqs);
    charge(cpu, current);
    Thread* next = nullptr;
    if (!current.is_plainly_running() || (next = cpu.queue.try_rotate(current)) == nullptr)
        [[unlikely]] {
        cpu.lock.unlock(irqs);
        return false;
    }
    arch::clear_reschedule_pending();
    current.state = ThreadState::queued;
    next->state = ThreadState::running;
    make_current(cpu, *next);
    cpu.lock.unlock(irqs);
    switch_to(current, *next);
    return true;
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
    CpuScheduler& cpu = this_scheduler(irqs);
    Thread& current = current_thread();
    Thread& next = choose_next(cpu, current, Claim::keeps, irqs);
    if (&next == &current) {
        return;
    }
    if (&next != cpu.idle) {
        interrupt_at(cpu.slice_end(), irqs);
    }
    trace::emit(trace::ContextSwitch{.to = next.thread_id, .preempted = 1});
    arch::park_frame(current, frame);
    arch::fathom_resume(&next);
}

void yield(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    if (!try_yield(atomic)) [[unlikely]] {
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
