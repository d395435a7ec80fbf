// Something done on a thread of its own.
//
// Owns:    on_new_thread().
// Context: preemptible.

#pragma once

#include <kernel/support/crew.hpp>

namespace fathom {

/// Runs `action(Preemptible)` on a new application thread called "caller", and waits for its end.
/// Context: preemptible.
template <typename Action>
void on_new_thread(TestContext& test, Preemptible here, Action action) {
    Crew crew(test, here, [&action](Preemptible inner, unsigned) { action(inner); });
    crew.start({.name = "caller"});
    crew.join();
}

}  // namespace fathom
