// A crew: application threads that a test starts, each with a number, and joins.
//
//     Crew crew(test, here, [&](Preemptible here, unsigned number) { ... });
//     crew.start({.name = "reader", .affinity = 1});
//     crew.start({.name = "writer", .affinity = 2});
//     crew.join();
//
// Owns:    Crew.
// Context: preemptible. A crew does not outlive what its action refers to.

#pragma once

#include <lib/assert.hpp>
#include <runner/test.hpp>
#include <sched/spawn.hpp>

namespace fathom {

/// At most kMost threads that run `action(Preemptible here, unsigned number)`, numbered from 0.
template <typename Action>
class Crew {
public:
    static constexpr unsigned kMost = 24;

    /// Context: preemptible.
    Crew(TestContext& test, Preemptible here, Action action)
        : test_(test), here_(here), action_(action) {}
    /// Joins who is left.
    /// Context: preemptible.
    ~Crew() { join(); }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// Starts the next one; id 0 and a failed check where there is no memory for it.
    /// Context: preemptible.
    ThreadId start(const ThreadAttributes& attributes) {
        ASSERT(count_ < kMost, "a crew has at most {} members", kMost);
        Member& member = members_[count_];
        member = {this, count_, {}};
        const Result<ThreadId> id = spawn_application<run>(attributes, &member, here_);
        EXPECT_OK(test_, id);
        if (!id.ok()) {
            return {};
        }
        member.id = *id;
        ++count_;
        return *id;
    }
    /// Starts `count` of the same kind.
    /// Context: preemptible.
    void start(unsigned count, const ThreadAttributes& attributes) {
        for (unsigned started = 0; started < count; ++started) {
            start(attributes);
        }
    }
    /// Waits for the end of all that were started.
    /// Context: preemptible.
    void join() {
        for (unsigned number = joined_; number < count_; ++number) {
            EXPECT_OK(test_, join_thread(members_[number].id, here_));
        }
        joined_ = count_;
    }
    ThreadId id(unsigned number) const { return members_[number].id; }

private:
    struct Member {
        Crew* crew;
        unsigned number;
        ThreadId id;
    };

    static void run(Preemptible here, void* argument) {
        const Member member = *static_cast<const Member*>(argument);
        member.crew->action_(here, member.number);
    }

    TestContext& test_;
    [[no_unique_address]] Preemptible here_;
    Action action_;
    Member members_[kMost] = {};
    unsigned count_ = 0;
    unsigned joined_ = 0;
};

}  // namespace fathom
