// Policy `switch_in_alone`: the window below a thread's sp is populated when it is switched in.
//
// UNSOUND, kept to show why. What the scheduler knows is where sp was when the thread last gave up
// the CPU. A thread that then calls deeper, by more than the window, and begins a section there
// stands on the edge of what was populated for it: the section's next push may fault.
//
// Legality:   as `rules`: preemptible context only.
// Lesson:     where a thread was says nothing about where it will be; only the site knows.
// Literature: "map at switch-in, drop at switch-out" (A. Lutomirski, D. Hansen, in the discussion
//             of dynamic kernel stacks, 2024-2026). The sweep finds it: tests/policies.
// Context:    any; no state.

#pragma once

#include <context/policies/rules.hpp>

namespace fathom {

struct SwitchInAlonePolicy : RulesPolicy {
    static constexpr const char* kName = "switch_in_alone";
    static constexpr bool kSound = false;
    static constexpr bool kPopulatesAtSwitch = true;

    static constexpr arch::Touch touch(Rule) { return arch::Touch::never; }
};

}  // namespace fathom
