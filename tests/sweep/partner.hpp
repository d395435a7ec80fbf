// Somebody to wait for: a thread that does one thing as soon as the sweep's thread blocks or
// yields.
//
// Owns:    Partner.

#pragma once

#include <adversaries/stepper.hpp>
#include <lib/assert.hpp>
#include <sched/spawn.hpp>

namespace fathom {

/// Runs `action(Preemptible)` on an application thread of its own; the destructor joins it.
template <typename Action>
class Partner {
public:
    /// Context: preemptible, may fault.
    Partner(Action action, Preemptible here) : action_(action), here_(here) {
        const auto thread = spawn_application<run>({.name = "partner"}, this, here);
        ASSERT(thread.ok(), "no memory for the sweep's partner");
        thread_ = *thread;
    }
    ~Partner() { static_cast<void>(join_thread(thread_, here_)); }
    Partner(const Partner&) = delete;
    Partner& operator=(const Partner&) = delete;

private:
    static void run(Preemptible here, void* argument) {
        const Stepped stepped(here);
        static_cast<Partner*>(argument)->action_(here);
    }

    Action action_;
    [[no_unique_address]] Preemptible here_;
    ThreadId thread_;
};

}  // namespace fathom
