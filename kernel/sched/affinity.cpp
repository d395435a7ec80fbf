// Changing where and how much a thread runs, while it may be anywhere.
//
// Owns:    set_affinity(), set_priority().
// Context: preemptible, may fault.
// Story:   a running thread that must leave its CPU is marked `leaving`; the scheduler then hands
//          it to the idle thread (idle.cpp), which carries it over once it is saved.

#include <context/atomic_scope.hpp>
#include <sched/balance.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/scheduler.hpp>
#include <sched/stack_claim.hpp>
#include <sched/thread_table.hpp>

namespace fathom {

CpuScheduler& lock_queue_of(const Thread& thread, IrqsDisabled irqs) FATHOM_VOUCHED_FOR {
    for (;;) {
        const std::uint32_t index = __atomic_load_n(&thread.cpu_index, __ATOMIC_RELAXED);
        CpuScheduler& cpu = schedulers.of(index);
        cpu.lock.lock(irqs);
        if (__atomic_load_n(&thread.cpu_index, __ATOMIC_RELAXED) == index) {
            return cpu;
        }
        cpu.lock.unlock(irqs);
    }
}

namespace {

/// The one state that a thread changes without the lock is its own, from running (or leaving) to
/// blocked: that must not be overwritten.
bool exchange_state(Thread& thread, ThreadState from, ThreadState to) {
    return __atomic_compare_exchange(&thread.state, &from, &to, false, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED);
}

/// Sees to it that a thread which is in the wrong place leaves it. True if it is in flight now, the
/// caller's to place. Its queue is locked.
bool uproot(CpuScheduler& cpu, Thread& thread) {
    if (thread.state == ThreadState::queued) {
        cpu.queue.remove(thread);
        thread.state = ThreadState::in_flight;
        return true;
    }
    if (exchange_state(thread, ThreadState::running, ThreadState::leaving)) {
        ask_to_reschedule(thread.cpu_index);
    }
    return false;  // blocked or in flight: whoever places it next looks at the affinity
}

void change_affinity(Thread& thread, CpuMask mask, IrqsDisabled irqs) {
    CpuScheduler& cpu = lock_queue_of(thread, irqs);
    cpu.lock.taken_by_callee();
    bool ours = false;
    if (thread.claim != nullptr) {
        thread.claim->affinity = mask;  // in force again when it may run
        cpu.lock.unlock(irqs);
        return;
    }
    restrict_to(thread, mask);
    if (thread.is_displaced()) {
        ours = uproot(cpu, thread);
    } else {
        // It may stay after all.
        exchange_state(thread, ThreadState::leaving, ThreadState::running);
    }
    cpu.lock.unlock(irqs);
    if (ours) {
        place_thread(thread, irqs);
    }
}

}  // namespace

Result<void> set_affinity(ThreadId id, CpuMask mask, Preemptible here) {
    if ((mask & online_cpus()) == 0) {
        return Error::invalid_argument;
    }
    IrqsOff atomic{here, window<1024>};
    // The table's lock keeps the thread from being freed.
    SpinlockHeld held{thread_table_lock, atomic};
    Thread* const thread = find_thread(id, atomic);
    if (thread == nullptr) {
        return Error::not_found;
    }
    change_affinity(*thread, mask, atomic);
    // For the running thread the reschedule is pending now: leaving the guard carries it over.
    return {};
}

Result<void> set_priority(ThreadId id, Priority priority, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    SpinlockHeld held{thread_table_lock, atomic};
    Thread* const thread = find_thread(id, atomic);
    if (thread == nullptr) {
        return Error::not_found;
    }
    CpuScheduler& cpu = lock_queue_of(*thread, atomic);
    cpu.lock.taken_by_callee();
    const bool queued = thread->state == ThreadState::queued;
    if (queued) {
        cpu.queue.remove(*thread);
    }
    thread->priority = priority;
    thread->set_priority(priority);
    if (!thread->is_urgent() && thread->state != ThreadState::in_flight) {
        cpu.queue.admit(*thread);  // one that was urgent has no virtual time
    }
    if (queued) {
        queue_from_elsewhere(cpu, thread->cpu_index, *thread);
    }
    cpu.lock.unlock(atomic);
    return {};
}

}  // namespace fathom
