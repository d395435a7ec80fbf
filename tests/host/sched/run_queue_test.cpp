// The run queue: order, shares, and that nobody is lost.
//
// What would break without it: shares that drift from 1:2:4, a sleeper that takes the CPU for as
// long as it slept, a bucket whose bit is forgotten (its threads never run again).

#include <sched/run_queue.hpp>

#include <algorithm>
#include <list>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace fathom {
namespace {

struct Node : RunNode<Node> {
    std::uint64_t ran = 0;
};
using Queue = RunQueue<Node>;

constexpr unsigned kShift = 18;
constexpr std::uint64_t kQuantum = 1ull << kShift;

/// A node at so many quanta after the clock of an empty queue.
void place(const Queue& queue, Node& node, std::uint64_t quanta) {
    node.virtual_time = queue.clock() + quanta * kQuantum;
}

TEST(RunQueue, RunsTheLeastVirtualTimeFirst) {
    Queue queue;
    Node nodes[3];
    place(queue, nodes[0], 9);
    place(queue, nodes[1], 2);
    place(queue, nodes[2], 5);
    for (Node& node : nodes) {
        queue.push(node);
    }
    EXPECT_EQ(queue.count(), 3u);
    EXPECT_EQ(queue.pop(), &nodes[1]);
    EXPECT_EQ(queue.pop(), &nodes[2]);
    EXPECT_EQ(queue.pop(), &nodes[0]);
    EXPECT_EQ(queue.pop(), nullptr);
    EXPECT_TRUE(queue.empty());
}

TEST(RunQueue, KeepsTheOrderOfArrivalWithinAQuantum) {
    Queue queue;
    Node nodes[5];
    for (Node& node : nodes) {
        place(queue, node, 1);
        node.virtual_time += kQuantum - 1 - static_cast<std::uint64_t>(&node - nodes);
        queue.push(node);
    }
    for (Node& node : nodes) {
        EXPECT_EQ(queue.pop(), &node);
    }
}

TEST(RunQueue, RunsUrgentThreadsBeforeAllOthersInOrderOfArrival) {
    Queue queue;
    Node ordinary;
    Node urgent[2];
    place(queue, ordinary, 0);
    queue.push(ordinary);
    for (Node& node : urgent) {
        node.set_priority(Priority::urgent);
        place(queue, node, 40);
        queue.push(node);
    }
    EXPECT_EQ(queue.pop(), &urgent[0]);
    EXPECT_EQ(queue.pop(), &urgent[1]);
    EXPECT_EQ(queue.pop(), &ordinary);
}

TEST(RunQueue, PutsAYieldingThreadBehindAtLeastOneOther) {
    Queue queue;
    Node other;
    Node yielding;
    place(queue, other, 7);
    place(queue, yielding, 0);
    queue.push(other);
    queue.push_yielding(yielding);
    EXPECT_EQ(queue.pop(), &other);
    EXPECT_EQ(queue.pop(), &yielding);
}

TEST(RunQueue, TakesOutFromTheMiddle) {
    Queue queue;
    Node nodes[4];
    Node urgent;
    urgent.set_priority(Priority::urgent);
    for (Node& node : nodes) {
        place(queue, node, 3);
        queue.push(node);
    }
    queue.push(urgent);
    queue.remove(nodes[1]);
    queue.remove(urgent);
    queue.remove(nodes[3]);
    EXPECT_EQ(queue.count(), 2u);
    EXPECT_EQ(queue.pop(), &nodes[0]);
    EXPECT_EQ(queue.pop(), &nodes[2]);
    EXPECT_EQ(queue.pop(), nullptr);
}

TEST(RunQueue, KeepsThreadsThatAreFarAheadOrBehind) {
    Queue queue;
    Node far;
    Node near;
    place(queue, far, 1000);
    place(queue, near, 1);
    queue.push(far);
    queue.push(near);
    EXPECT_EQ(queue.pop(), &near);
    EXPECT_EQ(queue.pop(), &far);

    Node behind;
    behind.virtual_time = 0;
    queue.push(behind);
    EXPECT_EQ(queue.pop(), &behind);
}

TEST(RunQueue, LetsASleeperKeepOnlyItsLargestLag) {
    Queue queue;
    Node running;
    place(queue, running, 5000);
    queue.follow(running);
    const std::uint64_t clock = queue.clock();
    EXPECT_EQ(clock, running.virtual_time);

    Node sleeper;
    sleeper.virtual_time = 17;
    queue.admit(sleeper);
    EXPECT_EQ(sleeper.virtual_time, clock - Queue::kLargestLag * kQuantum);
    EXPECT_TRUE(queue.beats_on_wake(sleeper, running));

    Node recent;
    recent.virtual_time = clock - kQuantum / 2;
    queue.admit(recent);
    EXPECT_EQ(recent.virtual_time, clock - kQuantum / 2);
    EXPECT_FALSE(queue.beats_on_wake(recent, running));
}

TEST(RunQueue, ClampsWhatComesFromElsewhereOnBothSides) {
    Queue queue;
    Node ahead;
    Node wrapped;
    place(queue, ahead, 500);
    wrapped.virtual_time = ~std::uint64_t{0} - 5;  // a clock further on was subtracted
    queue.admit_from_elsewhere(ahead, 4);
    queue.admit_from_elsewhere(wrapped, 4);
    EXPECT_EQ(ahead.virtual_time, queue.clock() + 4 * kQuantum);
    EXPECT_EQ(wrapped.virtual_time, queue.clock() - 4 * kQuantum);
}

TEST(RunQueue, FindsOnlyWhatIsWantedAndLooksAtFewOnly) {
    Queue queue;
    std::vector<Node> nodes(40);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        place(queue, nodes[i], i);
        queue.push(nodes[i]);
    }
    unsigned looked_at = 0;
    const auto count = [&](const Node&) {
        ++looked_at;
        return false;
    };
    EXPECT_EQ(queue.find(16, count), nullptr);
    EXPECT_EQ(looked_at, 16u);
    EXPECT_EQ(queue.find(16, [&](const Node& node) { return &node == &nodes[9]; }), &nodes[9]);
    EXPECT_EQ(queue.find(16, [&](const Node& node) { return &node == &nodes[30]; }), nullptr);
}

/// Runs `threads` on one queue, as the scheduler does, for `cycles`.
void simulate(Queue& queue, std::vector<Node>& threads, std::uint64_t cycles) {
    for (Node& thread : threads) {
        thread.virtual_time = queue.clock();
        queue.push(thread);
    }
    for (std::uint64_t now = 0; now < cycles;) {
        Node* const running = queue.pop();
        for (bool goes_on = true; goes_on && now < cycles;) {
            const std::uint64_t slice =
                std::min(queue.slice_cycles(running->weight_shift), cycles - now);
            now += slice;
            running->ran += slice;
            running->charge(slice);
            queue.follow(*running);
            goes_on = !queue.beats_at_slice_end(*running);
        }
        queue.push(*running);
    }
}

TEST(RunQueue, SharesTheCpuByWeightWithinThreePercentOverAHundredTicks) {
    // A tick is 1,000,000 cycles; shares are compared with what each weight is due.
    constexpr std::uint64_t kCycles = 100'000'000;
    for (unsigned copies = 1; copies <= 3; ++copies) {
        Queue queue;
        std::vector<Node> threads(3 * copies);
        for (std::size_t i = 0; i < threads.size(); ++i) {
            threads[i].set_priority(static_cast<Priority>(i % 3));
        }
        simulate(queue, threads, kCycles);
        for (std::size_t i = 0; i < threads.size(); ++i) {
            const double due = static_cast<double>(kCycles) * (1u << i % 3) / (7.0 * copies);
            EXPECT_NEAR(static_cast<double>(threads[i].ran), due, 0.03 * due)
                << "thread " << i << " of " << threads.size();
        }
    }
}

TEST(RunQueue, GivesEqualThreadsEqualShares) {
    constexpr std::uint64_t kCycles = 100'000'000;
    Queue queue;
    std::vector<Node> threads(7);
    simulate(queue, threads, kCycles);
    for (const Node& thread : threads) {
        EXPECT_NEAR(static_cast<double>(thread.ran), kCycles / 7.0, 0.03 * kCycles / 7.0);
    }
}

/// The same queue, written for clarity: quanta in a map, order of arrival in a list.
class ModelQueue {
public:
    void push(Node& node) { quanta_[node.virtual_time >> kShift].push_back(&node); }
    Node* pop() {
        if (quanta_.empty()) {
            return nullptr;
        }
        auto& first = quanta_.begin()->second;
        Node* const node = first.front();
        first.pop_front();
        if (first.empty()) {
            quanta_.erase(quanta_.begin());
        }
        return node;
    }
    void remove(Node& node) {
        for (auto it = quanta_.begin(); it != quanta_.end(); ++it) {
            const auto found = std::find(it->second.begin(), it->second.end(), &node);
            if (found != it->second.end()) {
                it->second.erase(found);
                if (it->second.empty()) {
                    quanta_.erase(it);
                }
                return;
            }
        }
    }

private:
    std::map<std::uint64_t, std::list<Node*>> quanta_;
};

TEST(RunQueue, AgreesWithAModelOverRandomOperations) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 50; ++round) {
        Queue queue;
        ModelQueue model;
        std::vector<Node> nodes(60);
        std::set<Node*> queued;
        for (int step = 0; step < 2000; ++step) {
            Node& node = nodes[random() % nodes.size()];
            if (queued.contains(&node)) {
                if (random() % 4 == 0) {
                    queue.remove(node);
                    model.remove(node);
                    queued.erase(&node);
                }
            } else {
                // Within the calendar: beyond it the queue clamps, and the model does not.
                node.virtual_time = queue.clock() + random() % (Queue::kBuckets * kQuantum);
                queue.push(node);
                model.push(node);
                queued.insert(&node);
            }
            if (random() % 3 == 0) {
                Node* const popped = queue.pop();
                ASSERT_EQ(popped, model.pop());
                queued.erase(popped);
            }
            ASSERT_EQ(queue.count(), queued.size());
        }
    }
}

}  // namespace
}  // namespace fathom
