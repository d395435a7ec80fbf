// Who waits for memory, and who ends that: a refill thread for each CPU.
//
// When a CPU's frame reserve runs low, a stack fault asks for a refill; when it is dry and the
// allocator has nothing either, the faulting thread is parked here and its instruction retries
// later. The refill thread is urgent, so it runs before all applications, and its own stack is
// populated, so it can never wait for itself.
//
// Owns:    mm::request_reserve_refill(), the threads that wait for memory.
// Context: requests come on the exception stack, interrupts off; the thread is preemptible.
// Story:   comes from mm/frame_reserve.cpp and trap_dispatch.cpp; goes on in mm::refill_reserve().

#include <sched/memory_refill.hpp>

#include <context/atomic_scope.hpp>
#include <mm/frame_reserve.hpp>
#include <sched/clock.hpp>
#include <sched/init.hpp>
#include <sched/signal.hpp>
#include <sched/spawn.hpp>

namespace fathom {

namespace {

struct Refill {
    Signal requested;
    WaitQueue waiters;
};
constinit PerCpu<Refill> refills;

/// So long a refill that found no memory waits for somebody to free some.
constexpr std::uint64_t kRetryNs = 1'000'000;

void wake_waiters(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    WaitQueue& waiters = refills.this_cpu(atomic).waiters;
    waiters.lock(atomic);
    waiters.wake_all_and_unlock(atomic);
}

/// Runs on one CPU only, so "the running CPU's reserve" stays the same.
void refill_for_ever(Preemptible here, void* argument) {
    auto& mine = *static_cast<Refill*>(argument);
    for (;;) {
        mine.requested.wait(here);
        while (!mm::refill_reserve(here)) {
            sleep_for(kRetryNs, here);
            // Part of a reserve is better than none, and frames freed elsewhere serve a retry too.
            wake_waiters(here);
        }
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
