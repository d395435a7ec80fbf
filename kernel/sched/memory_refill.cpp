// Who waits for memory, and who ends that: a refill thread for each CPU.
//
// When a CPU's frame reserve runs low, a stack fault asks for a refill; when it is dry and the
// allocator has nothing either, the faulting thread is parked here and its instruction retries
// later. The refill thread is urgent, so it runs before all applications, and its own stack is
// populated, so it can never wait for itself. When it finds nothing, it reclaims: what CPUs keep
// for later, and what parked threads' stacks do not need. When that brings nothing for a while, it
// ends a thread that waits (docs/memory-pressure.md).
//
// Owns:    mm::request_reserve_refill(), the threads that wait for memory.
// Context: requests come on the exception stack, interrupts off; the thread is preemptible.
// Story:   comes from mm/frame_reserve.cpp and trap_dispatch.cpp; goes on in mm::refill_reserve(),
//          trim.cpp and thread_end.cpp.

#include <sched/memory_refill.hpp>

#include <context/atomic_scope.hpp>
#include <context/log.hpp>
#include <mm/emergency_reserve.hpp>
#include <mm/frame_allocator.hpp>
#include <mm/frame_reserve.hpp>
#include <mm/growth_reserve.hpp>
#include <mm/heap.hpp>
#include <mm/thread_stack.hpp>
#include <sched/clock.hpp>
#include <sched/init.hpp>
#include <sched/signal.hpp>
#include <sched/spawn.hpp>
#include <sched/stack_claim.hpp>
#include <sched/thread_end.hpp>
#include <sched/trim.hpp>

namespace fathom {

namespace {

struct Refill {
    Signal requested;
    WaitQueue waiters;
    std::atomic<bool> drain = false;  ///< another CPU is short: give back what this one keeps
    std::uint64_t next_reclaim_ns = 0;  ///< its thread alone
};
constinit PerCpu<Refill> refills;

/// So long a refill that found no memory waits for somebody to free some.
constexpr std::uint64_t kRetryNs = 1'000'000;
/// So long passes between two attempts to reclaim: while memory is out each fault asks for a
/// refill, and what trimming all others brings would go to that fault alone.
constexpr std::uint64_t kReclaimPeriodNs = 16'000'000;
/// So long nothing must have come before a thread is ended.
constexpr std::uint64_t kPatienceNs = 250'000'000;

void wake_waiters(Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    WaitQueue& waiters = refills.this_cpu(atomic).waiters;
    waiters.lock(atomic);
    waiters.wake_all_and_unlock(atomic);
}

bool reserve_is_dry(Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    return mm::FrameReserve::this_cpu(atomic).count() == 0;
}

void drain_caches_here(Preemptible here) {
    mm::drain_heap_caches(here);
    mm::drain_frame_caches(here);
}

/// Every CPU gives back what it keeps for later (the others soon), and stacks what nobody needs.
/// Does nothing so soon after the last time.
void reclaim(Refill& mine, Preemptible here) {
    if (now_ns() < mine.next_reclaim_ns) {
        return;
    }
    for (CpuMask left = online_cpus(); left != 0; left &= left - 1) {
        Refill& other = refills.of(static_cast<std::uint32_t>(__builtin_ctz(left)));
        if (&other != &mine) {
            other.drain.store(true);
            IrqsOff atomic{on_kernel_thread};
            other.requested.raise(atomic);
        }
    }
    mm::drain_stack_caches(here);
    trim_stacks(here);
    drain_caches_here(here);
    mine.next_reclaim_ns = now_ns() + kReclaimPeriodNs;
}

/// In what order threads are considered: by what their end would bring.
struct Rank {
    std::size_t pages = ~std::size_t{0};
    std::uint64_t thread = ~std::uint64_t{0};
    constexpr auto operator<=>(const Rank&) const = default;
};

/// Goes on to the waiting thread that ranks highest below `below`, which it then is, and claims it
/// unless it is somebody else's just now. False where there is no further one.
bool claim_next(Refill& mine, Rank& below, StackClaim& claim, Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    SpinlockHeld held{mine.waiters.spinlock(), atomic};
    Thread* best = nullptr;
    Rank highest{0, 0};
    mine.waiters.for_each(atomic, [&](Thread& thread) {
        const Rank rank{thread.stack == nullptr ? 0 : thread.stack->populated().value,
                        thread.thread_id};
        if (rank < below && rank > highest) {
            best = &thread;
            highest = rank;
        }
    });
    below = highest;
    claim.thread = nullptr;
    if (best != nullptr) {
        static_cast<void>(claim_parked(*best, claim, atomic));
    }
    return best != nullptr;
}

/// Claims a thread that may be ended, and takes it out of those who wait.
bool claim_victim(Refill& mine, StackClaim& claim, Preemptible here) {
    for (Rank below; claim_next(mine, below, claim, here);) {
        if (claim.thread == nullptr) {
            continue;
        }
        const bool found = may_be_ended(*claim.thread, here);
        IrqsOff atomic{on_kernel_thread};
        if (found) {
            SpinlockHeld held{mine.waiters.spinlock(), atomic};
            mine.waiters.take(*claim.thread, atomic);
            return true;
        }
        release_claim(claim, atomic);
    }
    return false;
}

/// Nothing has come for a long time, and nothing will.
void end_a_victim(Refill& mine, Preemptible here) {
    StackClaim claim;
    const bool found = claim_victim(mine, claim, here);
    log("out of memory: no page for a stack. The largest stacks:");
    report_largest_stacks(here);
    if (!found) {
        log("  none of the threads that wait may be ended");
        return;
    }
    log("  thread {} \"{}\" is ended", claim.thread->thread_id, claim.thread->name());
    end_claimed_thread(claim, here);
}

bool somebody_waits(Refill& mine, Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    SpinlockHeld held{mine.waiters.spinlock(), atomic};
    return !mine.waiters.empty();
}

/// Frames that only some faults may take.
void refill_what_is_set_aside(Preemptible here) {
    if constexpr (StackPolicy::kGrowsWhileAtomic) {
        mm::refill_growth_reserve(here);
    }
    mm::refill_emergency_reserve(here);
}

/// Whether the running CPU has served a fault since the count was `served`, which it brings up to
/// date.
bool faults_go_on(std::uint64_t& served, Preemptible) {
    IrqsOff atomic{on_kernel_thread};
    const std::uint64_t before = served;
    served = mm::FrameReserve::this_cpu(atomic).faults_served();
    return served != before;
}

/// Fills the reserve, by whatever it takes; where nobody waits, as far as there is memory: the next
/// fault asks again.
void refill(Refill& mine, bool for_another_cpu, Preemptible here) {
    std::uint64_t since = now_ns();
    std::uint64_t served = 0;
    faults_go_on(served, here);
    while (!mm::refill_reserve(here)) {
        if (for_another_cpu && !somebody_waits(mine, here)) {
            return;
        }
        reclaim(mine, here);
        if (!somebody_waits(mine, here)) {
            return;
        }
        // Part of a reserve is better than none, but a fault may need up to four frames: only one
        // that was served shows that this part was enough.
        if (faults_go_on(served, here)) {
            since = now_ns();
        }
        if (!reserve_is_dry(here)) {
            wake_waiters(here);
        }
        sleep_for(kRetryNs, here);
        if (now_ns() - since > kPatienceNs) {
            end_a_victim(mine, here);
            since = now_ns();
        }
    }
    refill_what_is_set_aside(here);
}

/// Runs on one CPU only, so "the running CPU's reserve" stays the same.
void refill_for_ever(Preemptible here, void* argument) {
    auto& mine = *static_cast<Refill*>(argument);
    refill_what_is_set_aside(here);
    for (;;) {
        mine.requested.wait(here);
        const bool for_another_cpu = mine.drain.exchange(false);
        if (for_another_cpu) {
            drain_caches_here(here);
        }
        refill(mine, for_another_cpu, here);
        wake_waiters(here);
    }
}

}  // namespace

void mm::request_reserve_refill(IrqsDisabled irqs) { refills.this_cpu(irqs).requested.raise(irqs); }

void wait_for_memory(const arch::TrapFrame& frame, IrqsDisabled irqs) {
    Refill& refill = refills.this_cpu(irqs);
    refill.waiters.lock(irqs);
    refill.waiters.enqueue_current(irqs);
    refill.waiters.unlock(irqs);
    refill.requested.raise(irqs);
    switch_away_from_trap(frame, irqs);
}

Result<void> sched::start_cpu_services(std::uint32_t cpu_index, Preemptible here) {
    const Result<ThreadId> id = spawn_kernel<refill_for_ever>({.name = "refill",
                                                               .priority = Priority::urgent,
                                                               .affinity = CpuMask{1} << cpu_index,
                                                               .detached = true},
                                                              &refills.of(cpu_index), here);
    return id.ok() ? Result<void>() : Result<void>(id.error());
}

}  // namespace fathom
