// Who runs next on a CPU: a FIFO of urgent threads above a calendar of virtual times.
//
// Every thread has a virtual time that grows with the cycles it runs, the slower the heavier it is.
// The thread whose virtual time is least runs next, so that over time each gets its weight's share.
// A calendar makes that O(1): virtual time is cut into quanta of half a slice, a bucket for each of
// the next 64, a FIFO in each bucket, and a word with a bit for each bucket that is not empty.
// Order within a quantum is by arrival.
//
//     bitmap     . . 1 . . . . . 1 . 0      base_ is the quantum at which the calendar begins:
//     buckets        |           |   |      its bucket is base_ % 64, and those of the 63 quanta
//                    o           o   o <- front_      that follow lie around the ring
//                    o               o
//
// Almost every turn takes from one list and adds to it: the front, base_'s bucket, or the urgent
// threads where there are any. It has no bit, so that a turn touches nothing else.
//
// Owns:    RunQueue: pure data structure, no lock, no clock; host-tested.
// Context: as its owner says (sched/cpu_scheduler.hpp: the CPU's run queue lock).
// Story:   driven by sched/scheduler.cpp.

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include <sched/run_node.hpp>

namespace fathom {

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
    RunQueue(const RunQueue&) = delete;
    RunQueue& operator=(const RunQueue&) = delete;

    /// A quantum is 1 << shift of virtual time. Before anything is queued.
    void set_quantum_shift(unsigned shift) {
        quantum_shift_ = static_cast<std::uint8_t>(shift);
        quantum_ = std::uint64_t{1} << shift;
        open_front(base_);
    }
    unsigned quantum_shift() const { return quantum_shift_; }
    /// Cycles that a thread of this weight runs in one go.
    std::uint64_t slice_cycles(unsigned weight_shift) const {
        return std::uint64_t{kQuantaPerSlice} << quantum_shift_ >> weight_shift;
    }

    bool empty() const { return front_->empty() && bitmap_ == 0 && urgent_.empty(); }
    std::uint32_t count() const { return __atomic_load_n(&count_, __ATOMIC_RELAXED); }
    /// The queue's virtual time: no queued thread that has had its share is behind it.
    std::uint64_t clock() const { return base_ << quantum_shift_; }

    /// Queues by virtual time, behind those of its quantum.
    [[gnu::always_inline]] void push(Node& node) {
        if (node.is_urgent()) [[unlikely]] {
            push_urgent(node);
        } else {
            push_ordinary(node);
        }
    }
    /// push() of one that is not urgent.
    [[gnu::always_inline]] void push_ordinary(Node& node) {
        NodeList<Node>* list = front_;
        if (node.virtual_time >= front_end_) [[unlikely]] {
            list = find_bucket(node.virtual_time >> quantum_shift_);
        }
        add(node, *list);
    }
    /// Queues behind at least one other, if there is any: `node` gives up its claim to run first.
    void push_yielding(Node& node) {
        if (!node.is_urgent() && front_->empty() && bitmap_ != 0) {
            node.virtual_time = std::max(node.virtual_time, first_quantum() << quantum_shift_);
        }
        push(node);
    }
    /// push(running) and pop() in one, where somebody waits at the front; null, and nothing done,
    /// where nobody does. `running`, which is not urgent, comes behind who is returned.
    [[gnu::always_inline]] Node* try_turn(Node& running) {
        NodeList<Node>* const front = front_;
        if (front->empty()) [[unlikely]] {
            return nullptr;
        }
        if (running.virtual_time < front_end_) [[likely]] {
            running.list = front;
            return &front->rotate(running);
        }
        running.list = find_bucket(running.virtual_time >> quantum_shift_);
        running.list->push_back(running);
        return &front->take_first();
    }
    /// pop() where somebody waits at the front; null, and nothing done, where nobody does.
    [[gnu::always_inline]] Node* try_pop() {
        Node* const first = front_->pop_front();
        if (first != nullptr) [[likely]] {
            count_ = count_ - 1;
        }
        return first;
    }
    /// The next to run, taken out; null if nobody waits.
    Node* pop() {
        if (front_->empty()) {
            move_front();
        }
        return try_pop();
    }
    /// Takes out a queued node.
    void remove(Node& node) {
        count_ = count_ - 1;
        node.list->remove(node);
        if (node.list->empty() && node.list != front_ && node.list != &urgent_) {
            bitmap_ &= ~(std::uint64_t{1} << (node.list - buckets_));
        }
    }

    /// Before a thread that slept, is new, or came from another queue is pushed: it keeps at most
    /// kLargestLag quanta of advantage, so that a long sleep cannot be spent at once.
    [[gnu::always_inline]] void admit(Node& node) const {
        if (node.virtual_time < earliest_) {
            node.virtual_time = earliest_;
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
        if (empty() && !running.is_urgent() && quantum > base_) {
            open_front(quantum);
        }
    }

    /// At the end of a slice: whether somebody queued should run instead of `running`.
    bool beats_at_slice_end(const Node& running) const {
        if (!urgent_.empty()) {
            return true;
        }
        return !running.is_urgent() && !empty() &&
               first_quantum() <= running.virtual_time >> quantum_shift_;
    }
    /// Whether `woken`, which is not urgent, is so far behind `running` that it should run at once:
    /// never behind an urgent one, always behind an idle one.
    [[gnu::always_inline]] bool beats_on_wake(const Node& woken, const Node& running) const {
        return woken.virtual_time + quantum_ < running.virtual_time;
    }

    /// The first of at most `most` queued nodes that are not urgent, next to run first, that
    /// `wanted(node)` takes.
    template <typename Wanted>
    Node* find(unsigned most, Wanted&& wanted) const {
        std::uint64_t left = ahead_of_base() | std::uint64_t{!bucket_of(base_)->empty()};
        for (; left != 0; left &= left - 1) {
            const auto ahead = static_cast<unsigned>(__builtin_ctzll(left));
            for (Node* node = bucket_of(base_ + ahead)->first(); node != nullptr;
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
    auto* bucket_of(std::uint64_t quantum) const { return &buckets_[quantum % kBuckets]; }
    /// The bitmap, turned so that bit 0 is base_'s bucket.
    std::uint64_t ahead_of_base() const {
        return std::rotr(bitmap_, static_cast<int>(base_ % kBuckets));
    }
    /// The quantum of the first bucket that is not empty; there must be one.
    std::uint64_t first_quantum() const {
        const bool at_base = !bucket_of(base_)->empty();
        return at_base ? base_ : base_ + static_cast<unsigned>(__builtin_ctzll(ahead_of_base()));
    }

    // Other CPUs read the count without the lock: a word is written whole.
    [[gnu::always_inline]] void add(Node& node, NodeList<Node>& list) {
        node.list = &list;
        list.push_back(node);
        count_ = count_ + 1;
    }
    /// The bucket of a quantum, with its bit set as for one that is about to be used.
    NodeList<Node>* find_bucket(std::uint64_t quantum) {
        // Signed, since a thread that is owed time may lie before the calendar's begin.
        const auto ahead = static_cast<std::int64_t>(quantum - base_);
        if (static_cast<std::uint64_t>(ahead) >= kBuckets) [[unlikely]] {
            quantum = ahead < 0 ? base_ : base_ + kBuckets - 1;
        }
        NodeList<Node>* const list = &buckets_[quantum % kBuckets];
        bitmap_ |= std::uint64_t{list != front_} << quantum % kBuckets;
        return list;
    }
    /// Urgent threads come to the front; the bucket that was there gets its bit.
    [[gnu::noinline]] void push_urgent(Node& node) {
        node.virtual_time = 0;
        if (front_ != &urgent_) {
            if (!front_->empty()) {
                bitmap_ |= std::uint64_t{1} << base_ % kBuckets;
            }
            front_ = &urgent_;
            front_end_ = 0;
        }
        add(node, urgent_);
    }
    /// Makes `quantum` the calendar's begin and its bucket the front.
    void open_front(std::uint64_t quantum) {
        base_ = quantum;
        front_ = &buckets_[quantum % kBuckets];
        front_end_ = (quantum + 1) << quantum_shift_;
        earliest_ = (quantum - kLargestLag) << quantum_shift_;
        bitmap_ &= ~(std::uint64_t{1} << quantum % kBuckets);
    }
    /// The front is empty: the first bucket that is not comes there. Without one it stays at base_.
    [[gnu::noinline]] void move_front() { open_front(bitmap_ == 0 ? base_ : first_quantum()); }

    static constexpr std::uint64_t kFirstQuantum = kBuckets;  // not 0: nothing that lags is below 0
    static constexpr unsigned kFirstShift = 18;
    NodeList<Node>* front_ = &buckets_[kFirstQuantum % kBuckets];
    /// Virtual times below belong to the front; 0 while that is the urgent list.
    std::uint64_t front_end_ = (kFirstQuantum + 1) << kFirstShift;
    /// clock() less kLargestLag.
    std::uint64_t earliest_ = (kFirstQuantum - kLargestLag) << kFirstShift;
    std::uint64_t quantum_ = std::uint64_t{1} << kFirstShift;
    std::uint32_t count_ = 0;
    std::uint8_t quantum_shift_ = kFirstShift;
    std::uint64_t bitmap_ = 0;
    std::uint64_t base_ = kFirstQuantum;
    NodeList<Node> urgent_;
    NodeList<Node> buckets_[kBuckets];
};

}  // namespace fathom
