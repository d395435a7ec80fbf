// Ending, joining and detaching.
//
// A thread cannot free the stack that it runs on. It says that it has ended, wakes who waits for
// that, and switches away for ever; the switch clears on_cpu as the last use of its stack. Who
// frees it waits for that bit.
//
// Owns:    exit_thread(), join_thread(), detach_thread(), thread_status().
// Context: preemptible, may fault.
// Story:   goes on in free_thread() (thread_create.cpp) or the reaper.

#include <algorithm>

#include <context/atomic_scope.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/scheduler.hpp>
#include <sched/stack_claim.hpp>
#include <sched/thread_life.hpp>
#include <sched/thread_table.hpp>
#include <trace/event.hpp>

namespace fathom {

void exit_thread(std::uint64_t value, Preemptible here) {
    Thread& self = current_thread();
    trace::emit(trace::ThreadExit{.value = value, .cycles = self.cycles});
    IrqsOff atomic{here, window<1024>};
    thread_table_lock.lock(atomic);
    self.exit_value = value;
    self.finished = true;
    Thread* const joiner = self.joiner;
    const bool detached = self.detached;
    thread_table_lock.unlock(atomic);
    self.state = ThreadState::exited;
    if (joiner != nullptr) {
        make_runnable(*joiner, atomic);
    } else if (detached) {
        give_to_reaper(self, atomic);
    }
    switch_away(atomic);
    unreachable("an ended thread was resumed");
}

namespace {

/// The thread that the caller may join or detach, claimed for it.
Result<Thread*> claim_thread(ThreadId id, IrqsDisabled irqs) {
    Thread* const thread = find_thread(id, irqs);
    if (thread == nullptr) {
        return Error::not_found;
    }
    if (thread == &current_thread() || thread->detached) {
        return Error::invalid_argument;
    }
    if (thread->joined) {
        return Error::busy;
    }
    return thread;
}

}  // namespace

Result<std::uint64_t> join_thread(ThreadId id, Preemptible here) {
    Thread* thread = nullptr;
    {
        IrqsOff atomic{here, window<1024>};
        thread_table_lock.lock(atomic);
        const Result<Thread*> claimed = claim_thread(id, atomic);
        if (!claimed.ok()) {
            thread_table_lock.unlock(atomic);
            return claimed.error();
        }
        thread = *claimed;
        thread->joined = true;
        if (thread->finished) {
            thread_table_lock.unlock(atomic);
        } else {
            thread->joiner = &current_thread();
            current_thread().state = ThreadState::blocked;
            thread_table_lock.unlock(atomic);
            switch_away(atomic);
        }
    }
    const std::uint64_t value = thread->exit_value;
    const bool ended = thread->ended;
    free_thread(*thread, here);
    if (ended) {
        return Error::out_of_memory;
    }
    return value;
}

Result<void> detach_thread(ThreadId id, Preemptible here) {
    Thread* ended = nullptr;
    {
        IrqsOff atomic{here, window<512>};
        SpinlockHeld held{thread_table_lock, atomic};
        // A thread may detach itself; joining itself is what it may not.
        Thread* const self = &current_thread();
        const Result<Thread*> claimed = id == self->id() && !self->detached && !self->joined
                                            ? Result<Thread*>(self)
                                            : claim_thread(id, atomic);
        if (!claimed.ok()) {
            return claimed.error();
        }
        (*claimed)->detached = true;
        if ((*claimed)->finished) {
            ended = *claimed;
        }
    }
    if (ended != nullptr) {
        free_thread(*ended, here);
    }
    return {};
}

Result<ThreadStatus> thread_status(ThreadId id, Preemptible here) {
    IrqsOff atomic{here, window<512>};
    SpinlockHeld held{thread_table_lock, atomic};
    const Thread* const thread = find_thread(id, atomic);
    if (thread == nullptr) {
        return Error::not_found;
    }
    CpuScheduler& cpu = lock_queue_of(*thread, atomic);
    cpu.lock.taken_by_callee();
    const CpuMask affinity =
        thread->claim != nullptr ? thread->claim->affinity : thread->affinity;
    cpu.lock.unlock(atomic);
    ThreadStatus status{.id = id,
                        .name = {},
                        .state = thread->state,
                        .priority = thread->priority,
                        .affinity = affinity,
                        .cpu_index = thread->cpu_index,
                        .application = thread->is_application(),
                        .cpu_cycles = thread->cpu_cycles()};
    std::copy_n(thread->name_text, kThreadNameSize, status.name);
    return status;
}

}  // namespace fathom
