// What the scheduler's lists and queues keep inside a thread.
//
// Owns:    Priority, ThreadState, RunNode.
// Context: as the owner of the queue says. Builds on the host too.
// Story:   sched/run_queue.hpp orders them; sched/thread.hpp derives Thread from RunNode.

#pragma once

#include <cstdint>

#include <sched/node_list.hpp>

namespace fathom {

/// How much of a CPU a thread gets against others: low, normal and high as 1 : 2 : 4. Urgent
/// threads run before all of them, in order of arrival; for the kernel's own.
enum class Priority : std::uint8_t { low, normal, high, urgent };

/// A slice of the CPU is 1 << this times shorter than the longest.
constexpr unsigned weight_shift(Priority priority) {
    return priority == Priority::low ? 2 : priority == Priority::normal ? 1 : 0;
}
/// Virtual time for each cycle: the lighter a thread, the faster it has had its share. None for an
/// urgent one, whose share has no end.
constexpr unsigned virtual_rate(Priority priority) {
    return priority == Priority::urgent ? 0 : 1u << weight_shift(priority);
}

/// Where a thread is in its life.
enum class ThreadState : std::uint8_t {
    running,    ///< on a CPU
    leaving,    ///< on a CPU that its affinity has come to exclude
    queued,     ///< in a run queue
    in_flight,  ///< taken from one queue, not yet in another: who took it owns it
    blocked,    ///< waits for a wake
    exited,     ///< will never run again
    idle,       ///< an idle thread: runs when nobody is queued
};

/// What the queue needs of a thread. Owned by the queue while queued, by who holds the thread
/// otherwise; `unusual` and `state` by the run queue's lock.
template <typename Node>
struct RunNode : ListLinks<Node> {
    /// Reasons for not going the short way: bits of `unusual`.
    static constexpr std::uint8_t kUrgent = 1;
    static constexpr std::uint8_t kDisplaced = 2;  ///< its affinity excludes the CPU it belongs to

    /// 0 of an urgent one, and for ever the greatest of an idle one: both by their rate.
    std::uint64_t virtual_time = 0;
    /// The list of the run queue that it is in. Meaningful while queued.
    NodeList<Node>* list = nullptr;
    /// virtual_rate() and weight_shift() of its priority.
    std::uint8_t rate = virtual_rate(Priority::normal);
    std::uint8_t weight_shift = fathom::weight_shift(Priority::normal);
    /// Set to `blocked` by the thread itself, before others can find it; otherwise under the lock.
    ThreadState state = ThreadState::in_flight;
    std::uint8_t unusual = 0;

    bool is_urgent() const { return (unusual & kUrgent) != 0; }
    bool is_displaced() const { return (unusual & kDisplaced) != 0; }
    bool is_usual() const { return unusual == 0; }
    /// Running, not urgent, and not about to leave its CPU: what a thread almost always is.
    bool is_plainly_running() const {
        return (static_cast<unsigned>(state) | unusual) ==
               static_cast<unsigned>(ThreadState::running);
    }

    void mark(std::uint8_t reason, bool holds) {
        unusual = static_cast<std::uint8_t>(holds ? unusual | reason : unusual & ~reason);
    }
    /// Where `priority` is not urgent any more, the caller admits the node to its queue.
    void set_priority(Priority priority) {
        rate = static_cast<std::uint8_t>(virtual_rate(priority));
        weight_shift = static_cast<std::uint8_t>(fathom::weight_shift(priority));
        mark(kUrgent, priority == Priority::urgent);
        if (is_urgent()) {
            virtual_time = 0;
        }
    }
    /// It ran so many cycles.
    void charge(std::uint64_t cycles) { virtual_time += cycles * rate; }
};

}  // namespace fathom
