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
#include <sched/switch_window.hpp>
#include <trace/event.hpp>

namespace fathom {

constinit PerCpu<CpuScheduler, Birth::by_make> schedulers;
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
    next.mark_on_cpu();
    ++cpu.switches;
}

/// The first in the queue, marked as running; the idle thread where nobody waits.
Thread& take_next(CpuScheduler& cpu) {
    Thread* const next = cpu.queue.pop();
    if (next == nullptr) {
        return *cpu.idle;
    }
    next->state = ThreadState::running;
    return *next;
}

/// Makes `next` current, and unlocks. False if it has been all the time.
bool settle_on(CpuScheduler& cpu, const Thread& current, Thread& next, IrqsDisabled irqs)
    FATHOM_RELEASES(cpu.lock) {
    const bool changes = &next != &current;
    if (changes) {
        make_current(cpu, next);
    } else {
        ++cpu.passes;
    }
    cpu.lock.unlock(irqs);
    return changes;
}

[[gnu::always_inline]] inline void switch_to(Thread& current, Thread& next, IrqsDisabled irqs) {
    populate_window_of(next, irqs);
    trace::emit(trace::ContextSwitch{.to = next.thread_id, .preempted = 0});
    arch::fathom_switch(&current, &next);
}

/// Locks this CPU's queue and charges `current`, which is about to go through the scheduler.
/// Returns the lock's ticket.
[[gnu::always_inline]] inline std::uint32_t begin_pass(CpuScheduler& cpu, Thread& current,
                                                       IrqsDisabled irqs)
    FATHOM_ACQUIRES(cpu.lock) {
    const std::uint32_t ticket = cpu.lock.lock(irqs);
    arch::clear_reschedule_pending(current);
    charge(cpu, current);
    return ticket;
}

/// The next to run on this CPU, marked as running; `current`, in whatever state, has been charged
/// and queued if it is still ready. Ends the pass that begin_pass() has begun; false if `current`
/// goes on.
bool choose_next(CpuScheduler& cpu, Thread& current, Claim claim, Thread*& next,
                 IrqsDisabled irqs) FATHOM_RELEASES(cpu.lock) {
    next = nullptr;
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
        next = &take_next(cpu);
    }
    return settle_on(cpu, current, *next, irqs);
}

/// Gives up the CPU, whatever the thread's state. The pass has begun.
[[gnu::noinline]] void finish_pass(CpuScheduler& cpu, Thread& current, Claim claim,
                                   IrqsDisabled irqs) FATHOM_RELEASES(cpu.lock) {
    Thread* next;
    if (choose_next(cpu, current, claim, next, irqs)) {
        switch_to(current, *next, irqs);
    }
}

/// The running thread lets others run, if there are any. The short way is two or more threads that
/// take turns at the queue's front, or nobody else at all.
[[gnu::always_inline]] inline void take_turns(Claim claim, IrqsDisabled irqs) {
    Thread& current = current_thread();
    CpuScheduler& cpu = *current.home;
    const std::uint32_t ticket = begin_pass(cpu, current, irqs);
    if (!current.is_plainly_running()) [[unlikely]] {
        return finish_pass(cpu, current, claim, irqs);
    }
    Thread* const next = cpu.queue.try_turn(current);
    if (next == nullptr) [[unlikely]] {
        if (!cpu.queue.empty()) {
            return finish_pass(cpu, current, claim, irqs);
        }
        cpu.queue.follow(current);  // or who comes next would come with an advantage
        ++cpu.passes;
        cpu.lock.unlock(ticket, irqs);
        return;
    }
    current.state = ThreadState::queued;
    next->state = ThreadState::running;
    make_current(cpu, *next);
    cpu.lock.unlock(ticket, irqs);
    switch_to(current, *next, irqs);
}

/// Queues on a locked CPU. True if the CPU should reschedule for it.
[[gnu::always_inline]] inline bool queue_on(CpuScheduler& cpu, Thread& thread) {
    thread.state = ThreadState::queued;
    cpu.queue.push(thread);
    if (thread.is_urgent()) [[unlikely]] {
        return !cpu.current->is_urgent();
    }
    return cpu.queue.beats_on_wake(thread, *cpu.current);
}

}  // namespace

// The short way is a thread that blocks while another waits at the queue's front. It ends in a jump
// to the switch, and whatever is not short in a jump to finish_pass(): no register is kept.
void switch_away(IrqsDisabled irqs) {
    Thread& current = current_thread();
    CpuScheduler& cpu = *current.home;
    const std::uint32_t ticket = begin_pass(cpu, current, irqs);
    if (current.state != ThreadState::blocked) [[unlikely]] {
        return finish_pass(cpu, current, Claim::keeps, irqs);
    }
    Thread* const next = cpu.queue.try_pop();
    if (next == nullptr) [[unlikely]] {
        return finish_pass(cpu, current, Claim::keeps, irqs);
    }
    next->state = ThreadState::running;
    make_current(cpu, *next);
    cpu.lock.unlock(ticket, irqs);
    switch_to(current, *next, irqs);
}

void switch_away_from_trap(const arch::TrapFrame& frame, IrqsDisabled irqs) {
    Thread& current = current_thread();
    CpuScheduler& cpu = *current.home;
    begin_pass(cpu, current, irqs);
    Thread* next;
    if (!choose_next(cpu, current, Claim::keeps, next, irqs)) {
        return;
    }
    if (next != cpu.idle) {
        interrupt_at(cpu.slice_end(), irqs);
    }
    populate_window_of(*next, irqs);
    trace::emit(trace::ContextSwitch{.to = next->thread_id, .preempted = 1});
    arch::park_frame(current, frame);
    arch::fathom_resume(next);
}

void yield(Preemptible here) {
    // Nobody else is queued here. If that changes while we look, or another CPU is ours by now, it
    // is as if we had come a moment earlier.
    if (current_thread().home->queue.count() == 0) {
        return;
    }
    IrqsOff atomic{here, window<1024>};
    take_turns(Claim::yields, atomic);
}

void preempt_here() {
    IrqsOff atomic{Preemptible::at_api_boundary(), window<1024>};
    take_turns(Claim::keeps, atomic);
}

void make_runnable(Thread& thread, IrqsDisabled irqs) {
    // Only a machine with idle CPUs has anything to choose.
    if (nobody_is_idle()) [[likely]] {
        CpuScheduler& cpu = *thread.home;
        const std::uint32_t ticket = cpu.lock.lock(irqs);
        if (thread.is_usual()) [[likely]] {
            cpu.queue.admit(thread);
            const bool reschedule = cpu.queue.beats_on_wake(thread, *cpu.current);
            thread.state = ThreadState::queued;
            cpu.queue.push_ordinary(thread);
            trace::emit(trace::Wake{.thread = thread.thread_id, .cpu = cpu.idle->cpu_index});
            cpu.lock.unlock(ticket, irqs);  // from here on it may run, and end
            if (reschedule) [[unlikely]] {
                ask_to_reschedule(cpu.idle->cpu_index);
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
