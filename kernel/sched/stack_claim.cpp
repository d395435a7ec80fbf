// Claims: see sched/stack_claim.hpp.
//
// Context: atomic, interrupts off.

#include <sched/stack_claim.hpp>

#include <sched/balance.hpp>
#include <sched/cpu_scheduler.hpp>

namespace fathom {

namespace {

/// Neither running nor about to: its registers are in its record. Its queue is locked.
bool is_parked(const Thread& thread) {
    const bool waits = thread.state == ThreadState::blocked || thread.state == ThreadState::queued;
    return waits && thread.on_cpu.load(std::memory_order_acquire) == 0;
}

}  // namespace

bool claim_parked(Thread& thread, StackClaim& claim, IrqsDisabled irqs) {
    CpuScheduler& cpu = lock_queue_of(thread, irqs);
    cpu.lock.taken_by_callee();
    const bool ours = thread.claim == nullptr && is_parked(thread);
    if (ours) {
        const bool queued = thread.state == ThreadState::queued;
        if (queued) {
            cpu.queue.remove(thread);
            thread.state = ThreadState::in_flight;
        }
        claim = {.thread = &thread, .affinity = thread.affinity, .woken = queued};
        thread.claim = &claim;
        restrict_to(thread, 0);
    }
    cpu.lock.unlock(irqs);
    return ours;
}

void release_claim(StackClaim& claim, IrqsDisabled irqs) {
    Thread& thread = *claim.thread;
    CpuScheduler& cpu = lock_queue_of(thread, irqs);
    cpu.lock.taken_by_callee();
    thread.claim = nullptr;
    restrict_to(thread, claim.affinity);
    const bool woken = claim.woken;
    cpu.lock.unlock(irqs);
    if (woken) {
        place_thread(thread, irqs);
    }
}

}  // namespace fathom
