// What the commands tell of a thread, copied while it cannot go away.
//
// Owns:    ThreadRow, for_each_row(), HeldThread.
// Context: preemptible.

#pragma once

#include <cstdint>
#include <span>

#include <arch/context_switch.hpp>
#include <context/kernel_work.hpp>
#include <sched/stack_claim.hpp>
#include <sched/thread.hpp>

namespace fathom::monitor {

/// A thread at one moment.
struct ThreadRow {
    ThreadId id;
    char name[kThreadNameSize];
    std::uint64_t cpu_cycles;
    const mm::ThreadStack* stack;  ///< of an application thread; its slot outlives the thread
    VirtAddr stack_top;
    std::uint32_t stack_pages;
    std::uint32_t populated;  ///< pages, now
    std::uint32_t cpu_index;
    ThreadState state;
    Priority priority;
    bool application;
};

/// Rows that one look at the thread table yields.
inline constexpr std::size_t kRowsAtOnce = 8;

/// Copies the threads of the table's slots from `slot` on, until `rows` is full or the table ends;
/// returns the slot to go on with, kMaxThreads at the end. `count`: how many were copied.
/// Context: preemptible, may fault.
std::size_t copy_rows(std::size_t slot, std::span<ThreadRow> rows, std::size_t& count,
                      Preemptible here);

/// Calls `visit(const ThreadRow&)` for every thread but the idle ones.
/// Context: preemptible, may fault.
template <typename Visitor>
void for_each_row(Preemptible here, Visitor&& visit) {
    ThreadRow rows[kRowsAtOnce];
    for (std::size_t slot = 0; slot < kMaxThreads;) {
        std::size_t count = 0;
        slot = copy_rows(slot, rows, count, here);
        for (const ThreadRow& row : std::span(rows).first(count)) {
            visit(row);
        }
    }
}

/// Copies one thread's row.
/// Errors: not_found.
/// Context: preemptible, may fault.
Result<ThreadRow> row_of(ThreadId id, Preemptible here);

std::string_view name_of(ThreadState state);
std::string_view name_of(Priority priority);

/// Keeps a parked application thread from running while its stack is looked at. Of a kernel thread
/// it only notes where that was parked: those are never kept from running.
class [[nodiscard]] HeldThread {
public:
    enum class Kind : std::uint8_t {
        nobody,   ///< no such thread
        held,     ///< parked, and stays so
        glimpsed, ///< parked a moment ago
        running,
    };

    /// Context: preemptible, may fault.
    HeldThread(ThreadId id, Preemptible here);
    /// Context: preemptible, may fault.
    ~HeldThread();
    HeldThread(const HeldThread&) = delete;
    HeldThread& operator=(const HeldThread&) = delete;

    Kind kind() const { return kind_; }
    /// Where it goes on; of a running one nothing.
    const arch::ParkedState& parked() const { return parked_; }

private:
    Kind kind_ = Kind::nobody;
    StackClaim claim_;
    arch::ParkedState parked_{};
    KernelWork work_;
    [[no_unique_address]] Preemptible here_;
};

}  // namespace fathom::monitor
