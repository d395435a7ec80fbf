// Who runs next on a CPU: a FIFO of urgent threads above a calendar of virtual times.
//
// Every thread has a virtual time that grows with the cycles it runs, the slower the heavier it is:
// weights 1, 2 and 4 are shifts by 2, 1 and 0. The thread whose virtual time is least runs next, so
// that over time each gets its weight's share. A calendar makes that O(1): virtual time is cut into
// quanta of half a slice, a bucket for each of the next 64, a FIFO in each bucket, and a word with
// a bit for each bucket that is not empty. Order within a quantum is by arrival.
//
//      bitmap   ..1.....1.1          base_ = the quantum at which the calendar begins; its bucket
//      is bucket     |     | |          base_ % 64, and the following 63 quanta wrap around
//                 o     o o
//                 o       o
//
// Owns:    RunNode, RunQueue: pure data structure, no lock, no clock; host-tested.
// Context: as its owner says (sched/cpu_scheduler.hpp: the CPU's run queue lock).
// Story:   driven by sched/scheduler.cpp.

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include <sched/node_list.hpp>

namespace fathom {

/// How much of a CPU a thread gets against others: low, normal and high as 1 : 2 : 4. Urgent
/// threads run before all of them, in order of arrival; for the kernel's own.
enum class Priority : std::uint8_t { low, normal, high, urgent };

/// Virtual time = cycles << this.
constexpr unsigned weight_shift(Priority priority) {
    return priority == Priority::low ? 2 : priority == Priority::normal ? 1 : 0;
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
/// otherwise.
struct RunNode : ListNode {
    std::uint64_t virtual_time = 0;
    /// The bucket it is queued in. Meaningful while queued.
    std::uint8_t bucket = 0;
    /// weight_shift() of its priority.
    std::uint8_t weight_shift = fathom::weight_shift(Priority::normal);
    /// Protected by the run queue's lock; set to `blocked` by the thread itself before others can
    /// find it.
    ThreadState state = ThreadState::in_flight;
    bool urgent = false;

    /// Running, not urgent, and not about to leave its CPU: what a thread almost always is.
    bool is_plainly_running() const {
        return state == ThreadState::running && !urgent;
    }

    void set_priority(Priority priority) {
        weight_shift = static_cast<std::uint8_t>(fathom::weight_shift(priority));
        urgent = priority == Priority::urgent;
    }
    /// It ran so many cycles.
    void charge(std::uint64_t cycles) { virtual_time += cycles << weight_shift; }
};

template <typename Node>
class RunQueue {
public:
    static constexpr unsigned kBuckets = 64;
    /// A thread runs this many quanta of virtual time in one go while others wait.
    static constexpr unsigned kQuantaPerSlice = 2;
    /// So far behind the clock may a thread be that slept.
    static constexpr unsigned kLargestLag = 4;
    /// So far behind or ahead may it be that was taken over from another queue to make shares fair.
    static constexpr unsigned kLargestCarriedLag = 32;

    constexpr RunQueue() = default;

    /// A quantum is 1 << shift of virtual time. Before anything is queued.
    void set_quantum_shift(unsigned shift) { quantum_shift_ = static_cast<std::uint8_t>(shift); }
    unsigned quantum_shift() const { return quantum_shift_; }
    /// Cycles that a thread of this weight runs in one go.
    std::uint64_t slice_cycles(unsigned weight_shift) const {
        return std::uint64_t{kQuantaPerSlice} << quantum_shift_ >> weight_shift;
    }

    bool empty() const { return bitmap_ == 0 && urgent_.empty(); }
    std::uint32_t count() const { return __atomic_load_n(&count_, __ATOMIC_RELAXED); }
    /// The queue's virtual time: no queued thread that has had its share is behind it.
    std::uint64_t clock() const { return base_ << quantum_shift_; }

    /// Queues by virtual time, behind those of the same quantum.
    [[gnu::always_inline]] void push(Node& node) {
        if (node.urgent) [[unlikely]] {
            return push_urgent(node);
        }
        push_at(node, node.virtual_time >> quantum_shift_);
    }
    /// Queues behind at least one other, if there is any: `node` gives up its claim to run first.
    [[gnu::always_inline]] void push_yielding(Node& node) {
        if (node.urgent) [[unlikely]] {
            return push_urgent(node);
        }
        std::uint64_t quantum = node.virtual_time >> quantum_shift_;
        if (bitmap_ != 0 && quantum < first_quantum()) {
            quantum = first_quantum();
            node.virtual_time = quantum << quantum_shift_;
        }
        push_at(node, quantum);
    }
    /// pop() and push_yielding(running) in one, where that is simplest: nobody is urgent, and both
    /// the first queued and `running` belong into the calendar's first bucket. Null, and nothing
    /// done, where it is not so simple. `running` is not urgent.
    [[gnu::always_inline]] Node* try_rotate(Node& running) {
        const std::uint64_t base = base_;
        if (!urgent_.empty() || (bitmap_ >> (base % kBuckets) & 1) == 0 ||
            running.virtual_time >> quantum_shift_ > base) [[unlikely]] {
            return nullptr;
        }
        const unsigned bucket = base % kBuckets;
        running.bucket = static_cast<std::uint8_t>(bucket);
        return &buckets_[bucket].rotate(running);
    }
    /// The next to run, taken out; null if nobody waits.
    [[gnu::always_inline]] Node* pop() {
        if (!urgent_.empty()) [[unlikely]] {
            adjust_count(-1);
            return &urgent_.take_first();
        }
        if (bitmap_ == 0) {
            return nullptr;
        }
        base_ = first_quantum();
        const unsigned bucket = base_ % kBuckets;
        Node& node = buckets_[bucket].take_first();
        if (buckets_[bucket].empty()) {
            bitmap_ &= ~(std::uint64_t{1} << bucket);
        }
        adjust_count(-1);
        return &node;
    }
    /// Takes out a queued node.
    void remove(Node& node) {
        adjust_count(-1);
        if (node.urgent) {
            return urgent_.remove(node);
        }
        buckets_[node.bucket].remove(node);
        if (buckets_[node.bucket].empty()) {
            bitmap_ &= ~(std::uint64_t{1} << node.bucket);
        }
    }

    /// Before a thread that slept, is new, or came from another queue is pushed: it keeps at most
    /// kLargestLag quanta of advantage, so that a long sleep cannot be spent at once.
    [[gnu::always_inline]] void admit(Node& node) const {
        const std::uint64_t earliest = (base_ - kLargestLag) << quantum_shift_;
        if (node.virtual_time < earliest) {
            node.virtual_time = earliest;
        }
    }
    /// As admit(), for one whose virtual time was carried over from another queue's, and may have
    /// wrapped around: it stays at most `quanta` behind or ahead.
    void admit_from_elsewhere(Node& node, unsigned quanta) const {
        const auto most = static_cast<std::int64_t>(std::uint64_t{quanta} << quantum_shift_);
        const auto ahead = static_cast<std::int64_t>(node.virtual_time - clock());
        node.virtual_time = clock() + static_cast<std::uint64_t>(std::clamp(ahead, -most, most));
    }
    /// `running` has been charged and goes on running, alone: the clock follows it.
    void follow(const Node& running) {
        const std::uint64_t quantum = running.virtual_time >> quantum_shift_;
        if (bitmap_ == 0 && !running.urgent && quantum > base_) {
            base_ = quantum;
        }
    }

    /// At the end of a slice: whether somebody queued should run instead of `running`.
    bool beats_at_slice_end(const Node& running) const {
        if (!urgent_.empty()) {
            return true;
        }
        return !running.urgent && bitmap_ != 0 &&
               first_quantum() <= running.virtual_time >> quantum_shift_;
    }
    /// Whether `woken` should run at once instead of `running`: urgent, or clearly behind.
    bool beats_on_wake(const Node& woken, const Node& running) const {
        if (woken.urgent || running.urgent) {
            return woken.urgent && !running.urgent;
        }
        return woken.virtual_time + (std::uint64_t{1} << quantum_shift_) < running.virtual_time;
    }

    /// The first of at most `most` queued nodes, next to run first, that `wanted(node)` takes.
    template <typename Wanted>
    Node* find(unsigned most, Wanted&& wanted) const {
        std::uint64_t left = std::rotr(bitmap_, static_cast<int>(base_ % kBuckets));
        for (; left != 0; left &= left - 1) {
            const unsigned bucket =
                (base_ + static_cast<unsigned>(__builtin_ctzll(left))) % kBuckets;
            for (Node* node = buckets_[bucket].first(); node != nullptr;
                 node = NodeList<Node>::after(*node)) {
                if (most-- == 0) {
                    return nullptr;
                }
                if (wanted(*node)) {
                    return node;
                }
            }
        }
        return nullptr;
    }

private:
    /// The quantum of the first bucket that is not empty; there must be one.
    std::uint64_t first_quantum() const {
        const auto turn = static_cast<int>(base_ % kBuckets);
        return base_ + static_cast<unsigned>(__builtin_ctzll(std::rotr(bitmap_, turn)));
    }
    [[gnu::always_inline]] void push_at(Node& node, std::uint64_t quantum) {
        // Signed, since a thread that is owed time may lie before the calendar's begin.
        const auto ahead = static_cast<std::int64_t>(quantum - base_);
        if (static_cast<std::uint64_t>(ahead) >= kBuckets) [[unlikely]] {
            quantum = ahead < 0 ? base_ : base_ + kBuckets - 1;
        }
        const unsigned bucket = quantum % kBuckets;
        node.bucket = static_cast<std::uint8_t>(bucket);
        buckets_[bucket].push_back(node);
        bitmap_ |= std::uint64_t{1} << bucket;
        adjust_count(1);
    }
    void push_urgent(Node& node) {
        urgent_.push_back(node);
        adjust_count(1);
    }
    // Other CPUs look at the count without the lock.
    [[gnu::always_inline]] void adjust_count(int by) {
        __atomic_store_n(&count_, count_ + static_cast<std::uint32_t>(by), __ATOMIC_RELAXED);
    }

    std::uint64_t bitmap_ = 0;
    std::uint64_t base_ = kBuckets;  // not 0: what lags behind must not be negative
    std::uint32_t count_ = 0;
    std::uint8_t quantum_shift_ = 18;
    NodeList<Node> urgent_;
    NodeList<Node> buckets_[kBuckets];
};

}  // namespace fathom
