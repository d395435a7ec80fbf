// Grace periods and deferred callbacks.
//
// Owns:    the per-CPU lists of callbacks and the thread that runs them.
// Context: see sched/quiescence.hpp.

#include <sched/quiescence.hpp>

#include <bit>

#include <arch/ipi.hpp>
#include <context/atomic_scope.hpp>
#include <sched/clock.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/signal.hpp>
#include <sched/spawn.hpp>
#include <sched/thread_life.hpp>

namespace fathom {

namespace {

/// A CPU in a long section is asked again after so long.
constexpr std::uint64_t kAskAgainNs = 200'000;

struct Deferred {
    IrqSpinlock lock{LockRank::leaf};
    RcuCallback* first = nullptr;  ///< lock
    RcuCallback* last = nullptr;   ///< lock
};
constinit PerCpu<Deferred> deferred;
constinit Signal work_to_do;

// Batches are numbered: who waits for its callbacks waits for a batch that began after it asked.
constinit WaitQueue batch_waits;           // its lock protects the rest
constinit std::uint64_t batches_begun = 0;
constinit std::uint64_t batches_done = 0;

/// Grows with every passage of the CPU through its scheduler. Read under its lock: what the CPU did
/// before the passage has happened for who sees it counted.
std::uint64_t passes_of(std::uint32_t cpu_index, Preemptible here) {
    IrqsOff atomic{here, window<0>};
    CpuScheduler& cpu = schedulers.of(cpu_index);
    SpinlockHeld held{cpu.lock, atomic};
    return cpu.switches + cpu.passes;
}

void ask_cpu(std::uint32_t cpu_index, Preemptible here) {
    IrqsOff atomic{here, window<512>};
    ask_to_reschedule(cpu_index);
}

void append(RcuCallback& callback, IrqsDisabled irqs) {
    callback.next = nullptr;
    {
        Deferred& mine = deferred.this_cpu(irqs);
        SpinlockHeld held{mine.lock, irqs};
        (mine.last != nullptr ? mine.last->next : mine.first) = &callback;
        mine.last = &callback;
    }
    work_to_do.raise(irqs);
}

/// All callbacks of a CPU, in the order in which they came.
RcuCallback* take_all(std::uint32_t cpu_index, Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    Deferred& from = deferred.of(cpu_index);
    SpinlockHeld held{from.lock, atomic};
    RcuCallback* const first = from.first;
    from.first = nullptr;
    from.last = nullptr;
    return first;
}

void run_list(RcuCallback* callback, Preemptible here) {
    while (callback != nullptr) {
        RcuCallback* const next = callback->next;  // running it may free it
        indirect_call_of<CallClass::rcu>();
        callback->run(*callback, here);
        callback = next;
    }
}

void begin_batch(Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    SpinlockHeld held{batch_waits.spinlock(), atomic};
    ++batches_begun;
}

void end_batch(Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    batch_waits.lock(atomic);
    batches_done = batches_begun;
    batch_waits.wake_all_and_unlock(atomic);
}

void run_deferred_for_ever(Preemptible here, void*) {
    for (;;) {
        work_to_do.wait(here);
        begin_batch(here);
        RcuCallback* lists[kMaxCpus];
        bool any = false;
        for (std::uint32_t cpu = 0; cpu < kMaxCpus; ++cpu) {
            lists[cpu] = take_all(cpu, here);
            any = any || lists[cpu] != nullptr;
        }
        if (any) {
            wait_for_quiescence(here);
            for (RcuCallback* list : lists) {
                run_list(list, here);
            }
        }
        end_batch(here);
    }
}

}  // namespace

void wait_for_quiescence(Preemptible here) {
    std::uint64_t passes_before[kMaxCpus];
    const CpuMask all = online_cpus();
    for (CpuMask left = all; left != 0; left &= left - 1) {
        const auto cpu = static_cast<std::uint32_t>(std::countr_zero(left));
        passes_before[cpu] = passes_of(cpu, here);
    }
    // Our own CPU included: we may have been moved since. It passes when we ask it to.
    for (CpuMask left = all; left != 0; left &= left - 1) {
        const auto cpu = static_cast<std::uint32_t>(std::countr_zero(left));
        while (passes_of(cpu, here) == passes_before[cpu]) {
            ask_cpu(cpu, here);
            if (passes_of(cpu, here) == passes_before[cpu]) {
                sleep_for(kAskAgainNs, here);
            }
        }
    }
}

void note_quiescence_if_idle(IrqsDisabled irqs) {
    CpuScheduler& cpu = this_scheduler(irqs);
    SpinlockHeld held{cpu.lock, irqs};
    if (cpu.current == cpu.idle) {
        ++cpu.passes;
    }
}

void defer_until_quiescent(RcuCallback& callback, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    append(callback, atomic);
}

void defer_until_quiescent(RcuCallback& callback, Atomic outer) {
    IrqsOff atomic{nested_in(outer)};
    append(callback, atomic);
}

void wait_for_deferred(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    batch_waits.lock(atomic);
    const std::uint64_t wanted = batches_begun + 1;
    batch_waits.unlock(atomic);
    work_to_do.raise(atomic);
    batch_waits.lock(atomic);
    while (batches_done < wanted) {
        batch_waits.block(atomic);
        batch_waits.lock(atomic);
    }
    batch_waits.unlock(atomic);
}

Result<void> start_rcu_thread(Preemptible here) {
    const Result<ThreadId> id = spawn_kernel<run_deferred_for_ever>(
        {.name = "rcu", .priority = Priority::high, .detached = true}, nullptr, here);
    return id.ok() ? Result<void>() : Result<void>(id.error());
}

}  // namespace fathom
