// Ending a thread from outside: see sched/thread_end.hpp.
//
// Context: preemptible; everything that is locked is locked for a moment.

#include <sched/thread_end.hpp>

#include <algorithm>
#include <array>

#include <context/atomic_scope.hpp>
#include <context/log.hpp>
#include <mm/stack_release.hpp>
#include <sched/clock.hpp>
#include <sched/cpu_scheduler.hpp>
#include <sched/scheduler.hpp>
#include <sched/thread_life.hpp>
#include <sched/thread_table.hpp>
#include <sched/timer_queue.hpp>

namespace fathom {

namespace {

/// Calls `visit(Thread&, IrqsDisabled)` for every thread, the table locked around each.
template <typename Visitor>
void visit_threads(Preemptible here, Visitor&& visit) {
    for (std::size_t slot = 0; slot < kMaxThreads; ++slot) {
        IrqsOff atomic{here, window<1024>};
        SpinlockHeld held{thread_table_lock, atomic};
        if (slot >= thread_slots(atomic)) {
            return;
        }
        if (Thread* const thread = thread_of_slot(slot, atomic)) {
            visit(*thread, static_cast<IrqsDisabled>(atomic));
        }
    }
}

bool lies_on(const mm::ThreadStack& stack, const volatile void* object) {
    const VirtAddr address = VirtAddr::of(object);
    return stack.first_page() <= address && address < stack.top();
}

/// The table is locked. Of a thread that has finished the same word is its value.
bool wants_a_mutex(const Thread& thread) {
    return !thread.finished && __atomic_load_n(&thread.wanted_mutex, __ATOMIC_SEQ_CST) != nullptr;
}

enum class Search : std::uint8_t {
    done,   ///< with this slot: the claim has the thread that waits for a mutex, if one does
    again,  ///< one does, but is still on its way to wait, or somebody else's claim
    over,   ///< there is no such slot
};

/// Looks into one slot of the table for a thread that waits for a mutex, and claims it, so that
/// neither goes away.
Search claim_waiter(std::size_t slot, StackClaim& claim, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    SpinlockHeld held{thread_table_lock, atomic};
    if (slot >= thread_slots(atomic)) {
        return Search::over;
    }
    claim.thread = nullptr;
    Thread* const thread = thread_of_slot(slot, atomic);
    if (thread == nullptr || !wants_a_mutex(*thread)) {
        return Search::done;
    }
    return claim_parked(*thread, claim, atomic) ? Search::done : Search::again;
}

/// Nobody may wait for ever for what the ended thread held.
void pass_mutexes_on(const Thread& ended, Preemptible here) {
    constexpr std::uint64_t kLookAgainNs = 50'000;
    for (std::size_t slot = 0;;) {
        StackClaim claim;
        const Search result = claim_waiter(slot, claim, here);
        if (result == Search::over) {
            return;
        }
        if (result == Search::again) {
            sleep_for(kLookAgainNs, here);  // we are urgent: spinning might keep it from going on
            continue;
        }
        ++slot;
        if (claim.thread == nullptr) {
            continue;
        }
        if (Mutex* const mutex = claim.thread->wanted_mutex) {
            hand_over_from_ended(*mutex, ended, here);
        }
        IrqsOff atomic{here, window<1024>};
        release_claim(claim, atomic);
    }
}

/// As the end of exit_thread(), for a thread that is not there to do it.
void tell_joiner(Thread& ended, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    thread_table_lock.lock(atomic);
    ended.finished = true;
    Thread* const joiner = ended.joiner;
    const bool detached = ended.detached;
    thread_table_lock.unlock(atomic);
    if (joiner != nullptr) {
        make_runnable(*joiner, atomic);
    } else if (detached) {
        give_to_reaper(ended, atomic);
    }
}

/// From here on it is a thread that has exited, and no claim's.
void mark_as_exited(StackClaim& claim, Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    Thread& ended = *claim.thread;
    CpuScheduler& cpu = lock_queue_of(ended, atomic);
    cpu.lock.taken_by_callee();
    ended.state = ThreadState::exited;
    ended.claim = nullptr;
    ended.affinity = claim.affinity;
    cpu.lock.unlock(atomic);
}

struct LargeStack {
    std::uint64_t thread = 0;
    char name[kThreadNameSize] = {};
    std::size_t pages = 0;
    std::size_t bytes = 0;
};

}  // namespace

bool may_be_ended(const Thread& thread, Preemptible here) {
    if (!thread.is_application() || thread.kernel_work != 0) {
        return false;
    }
    bool somebody_waits = false;
    visit_threads(here, [&](const Thread& other, IrqsDisabled) {
        const WaitQueue* const queue = __atomic_load_n(&other.waiting_on, __ATOMIC_RELAXED);
        somebody_waits |= &other != &thread && lies_on(*thread.stack, queue);
    });
    return !somebody_waits;
}

void end_claimed_thread(StackClaim& claim, Preemptible here) {
    Thread& ended = *claim.thread;
    __atomic_store_n(&ended.ended, true, __ATOMIC_SEQ_CST);
    cancel_timers_between(ended.stack->first_page(), ended.stack->top(), here);
    pass_mutexes_on(ended, here);
    const mm::StackCut everything{ended.stack, ended.stack->top()};
    mm::release_stack_pages({&everything, 1}, here);
    mark_as_exited(claim, here);
    tell_joiner(ended, here);
}

void report_largest_stacks(Preemptible here) {
    constexpr std::size_t kMost = 5;
    std::array<LargeStack, kMost + 1> largest{};
    visit_threads(here, [&](const Thread& thread, IrqsDisabled) {
        if (thread.stack == nullptr) {
            return;
        }
        largest.back() = {.thread = thread.thread_id,
                          .pages = thread.stack->populated().value,
                          .bytes = thread.stack->size_bytes()};
        std::copy_n(thread.name_text, kThreadNameSize, largest.back().name);
        for (std::size_t i = kMost; i > 0 && largest[i].pages > largest[i - 1].pages; --i) {
            std::swap(largest[i], largest[i - 1]);
        }
    });
    for (std::size_t i = 0; i < kMost && largest[i].pages != 0; ++i) {
        log("  thread {} \"{}\": {} KiB of {} KiB", largest[i].thread,
            std::string_view(largest[i].name), largest[i].pages * kPageSize / 1024,
            largest[i].bytes / 1024);
    }
}

}  // namespace fathom
