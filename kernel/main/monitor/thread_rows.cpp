// Copying from the thread table, a few slots at a time.
//
// Context: preemptible.

#include <main/monitor/thread_rows.hpp>

#include <algorithm>

#include <context/atomic_scope.hpp>
#include <mm/thread_stack.hpp>
#include <sched/thread_table.hpp>

namespace fathom::monitor {

namespace {

/// Slots of the table that are looked at in one section.
constexpr std::size_t kSlotsAtOnce = 16;

void copy(const Thread& thread, ThreadRow& row) {
    row = {.id = thread.id(),
           .name = {},
           .cpu_cycles = thread.cpu_cycles(),
           .stack = __atomic_load_n(&thread.stack, __ATOMIC_RELAXED),
           .stack_top = thread.stack_top,
           .stack_pages = thread.stack_pages,
           .populated = thread.stack_pages,
           .cpu_index = thread.cpu_index,
           .state = thread.state,
           .priority = thread.priority,
           .application = thread.is_application()};
    std::copy_n(thread.name_text, kThreadNameSize, row.name);
    if (row.stack != nullptr) {
        row.populated = static_cast<std::uint32_t>(row.stack->populated().value);
    }
}

}  // namespace

std::size_t copy_rows(std::size_t slot, std::span<ThreadRow> rows, std::size_t& count,
                      Preemptible here) {
    while (slot < kMaxThreads && count < rows.size()) {
        IrqsOff atomic{here, window<1024>};
        SpinlockHeld held{thread_table_lock, atomic};
        const std::size_t end = slot + kSlotsAtOnce;
        for (; slot < end && count < rows.size(); ++slot) {
            if (const Thread* const thread = thread_of_slot(slot, atomic)) {
                copy(*thread, rows[count++]);
            }
        }
        if (slot >= thread_slots(atomic)) {
            return kMaxThreads;
        }
    }
    return slot;
}

Result<ThreadRow> row_of(ThreadId id, Preemptible here) {
    ThreadRow row;
    IrqsOff atomic{here, window<1024>};
    SpinlockHeld held{thread_table_lock, atomic};
    const Thread* const thread = find_thread(id, atomic);
    if (thread == nullptr) {
        return Error::not_found;
    }
    copy(*thread, row);
    return row;
}

std::string_view name_of(ThreadState state) {
    switch (state) {
    case ThreadState::running: return "running";
    case ThreadState::leaving: return "leaving";
    case ThreadState::queued: return "queued";
    case ThreadState::in_flight: return "in flight";
    case ThreadState::blocked: return "blocked";
    case ThreadState::exited: return "exited";
    case ThreadState::idle: return "idle";
    }
    return "?";
}

std::string_view name_of(Priority priority) {
    switch (priority) {
    case Priority::low: return "low";
    case Priority::normal: return "normal";
    case Priority::high: return "high";
    case Priority::urgent: return "urgent";
    }
    return "?";
}

HeldThread::HeldThread(ThreadId id, Preemptible here) : work_(here), here_(here) {
    IrqsOff atomic{here, window<1024>};
    SpinlockHeld held{thread_table_lock, atomic};
    Thread* const thread = find_thread(id, atomic);
    if (thread == nullptr) {
        return;
    }
    if (claim_parked(*thread, claim_, atomic)) {
        kind_ = Kind::held;
    } else {
        const bool parked = thread->on_cpu.load(std::memory_order_acquire) == 0;
        kind_ = parked ? Kind::glimpsed : Kind::running;
    }
    if (kind_ != Kind::running) {
        parked_ = arch::parked_state(*thread);
    }
}

HeldThread::~HeldThread() {
    if (kind_ == Kind::held) {
        IrqsOff atomic{here_, window<1024>};
        release_claim(claim_, atomic);
    }
}

}  // namespace fathom::monitor
