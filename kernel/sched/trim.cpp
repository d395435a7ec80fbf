// Trimming stacks: claim some parked threads, cut their stacks together, let them go.
//
// Owns:    see sched/trim.hpp.
// Context: preemptible; whoever trims holds claims, or pages that are in no stack any more: so it
//          is never ended in the middle.

#include <sched/trim.hpp>

#include <array>
#include <span>

#include <arch/context_switch.hpp>
#include <context/atomic_scope.hpp>
#include <context/context_word.hpp>
#include <context/kernel_work.hpp>
#include <context/lazy_range.hpp>
#include <context/site.hpp>
#include <mm/stack_release.hpp>
#include <sched/stack_claim.hpp>
#include <sched/system_call_stack.hpp>
#include <sched/thread_table.hpp>

namespace fathom {

namespace {

/// Slots of the thread table that are looked at in one section.
constexpr std::size_t kSlotsAtOnce = 16;

/// Threads that are trimmed together.
struct Batch {
    std::array<StackClaim, mm::kMostCuts> claims;
    std::array<mm::StackCut, mm::kMostCuts> cuts;
    std::size_t count = 0;

    bool full() const { return count == claims.size(); }
};

/// A glance that spares most threads the claim: what has one page has none to give.
bool has_more_than_one_page(const Thread& thread) {
    const mm::ThreadStack* const stack = __atomic_load_n(&thread.stack, __ATOMIC_RELAXED);
    return stack != nullptr && stack->populated() > PageCount(1);
}

/// Whether the stack has more pages than its thread may rely on.
bool has_spare_pages(const Thread& thread) {
    const VirtAddr end = relied_on_from(thread).page();
    return thread.stack->populated().value * kPageSize > thread.stack->top() - end;
}

/// Code between a prefault and its section must make the prefault again. Preemptible code only: in
/// a section it has been made.
void set_back_to_prefault(Thread& thread) {
    const arch::ParkedState parked = arch::parked_state(thread);
    if (!parked.was_interrupted) {
        return;
    }
    if (const SiteRecord* const site = site_being_entered(parked.pc)) {
        arch::set_parked_pc(thread, site->pc());
    }
}

/// Adds the thread if it is parked and has something to give.
bool gather(Batch& batch, Thread& thread, IrqsDisabled irqs) {
    StackClaim& claim = batch.claims[batch.count];
    if (!has_more_than_one_page(thread)) {
        return true;
    }
    if (!claim_parked(thread, claim, irqs)) {
        return false;
    }
    if (!has_spare_pages(thread)) {
        release_claim(claim, irqs);
        return true;
    }
    set_back_to_prefault(thread);
    batch.cuts[batch.count++] = {thread.stack, relied_on_from(thread)};
    return true;
}

/// Gathers from the table, from `slot` on, until the batch is full; returns where to go on.
std::size_t gather_from(Batch& batch, std::size_t slot, Preemptible here) {
    while (slot < kMaxThreads && !batch.full()) {
        IrqsOff atomic{here, window<1024>};
        SpinlockHeld held{thread_table_lock, atomic};  // keeps the threads from being freed
        const std::size_t end = slot + kSlotsAtOnce;
        for (; slot < end && !batch.full(); ++slot) {
            if (Thread* const thread = thread_of_slot(slot, atomic)) {
                gather(batch, *thread, atomic);
            }
        }
        if (slot >= thread_slots(atomic)) {
            return kMaxThreads;
        }
    }
    return slot;
}

PageCount trim(Batch& batch, Preemptible here) {
    const PageCount pages =
        mm::release_stack_pages(std::span(batch.cuts).first(batch.count), here);
    for (std::size_t i = 0; i < batch.count; ++i) {
        IrqsOff atomic{here, window<1024>};
        release_claim(batch.claims[i], atomic);
    }
    batch.count = 0;
    return pages;
}

/// The running thread's own stack, with room for what this very call goes through.
PageCount trim_own_stack(Preemptible here) {
    const KernelWork work{here};
    const Thread& self = current_thread();
    const VirtAddr sp = own_stack_pointer(self, {arch::stack_pointer()});
    const mm::StackCut cut{self.stack, sp - 2 * kPageSize};
    return mm::release_stack_pages({&cut, 1}, here);
}

}  // namespace

VirtAddr relied_on_from(const Thread& thread) {
    const arch::ParkedState parked = arch::parked_state(thread);
    // A system call is made in preemptible context, whatever its thread is doing in it by now.
    const bool preemptible = ContextWord(parked.context_word).preemptible() ||
                             !in_lazy_range(parked.sp.value);
    const VirtAddr sp = own_stack_pointer(thread, parked.sp);
    return sp - (preemptible ? StackPolicy::kKeptWhilePreemptible
                             : StackPolicy::window(kLargestWindow));
}

PageCount trim_stacks(Preemptible here) {
    PageCount sum;
    if (!mm::kStacksShrink) {
        return sum;
    }
    const KernelWork work{here};
    Batch batch;
    for (std::size_t slot = 0; slot < kMaxThreads;) {
        slot = gather_from(batch, slot, here);
        if (batch.count != 0) {
            sum = PageCount(sum.value + trim(batch, here).value);
        }
    }
    return sum;
}

Result<PageCount> trim_thread(ThreadId id, Preemptible here) {
    if (id == current_thread().id()) {
        return current_thread().is_application() ? trim_own_stack(here) : PageCount(0);
    }
    const KernelWork work{here};
    Batch batch;
    {
        IrqsOff atomic{here, window<1024>};
        SpinlockHeld held{thread_table_lock, atomic};
        Thread* const thread = find_thread(id, atomic);
        if (thread == nullptr) {
            return Error::not_found;
        }
        if (!gather(batch, *thread, atomic)) {
            return Error::busy;
        }
    }
    return batch.count == 0 ? PageCount(0) : trim(batch, here);
}

}  // namespace fathom
