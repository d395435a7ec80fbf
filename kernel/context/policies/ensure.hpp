// Policy `ensure`: before a section, an explicit call: "let there be at least N bytes of stack".
//
// The same places and the same N as with `rules` (the windows, which the prover bounds), but by a
// function that may sleep, not by one load. It touches its own frame and N bytes below it, so no
// gap above sp matters.
//
// Legality:   preemptible context only. Between the call and the section the thread may be
//             interrupted, and there is no load to go back to: so trimming leaves an interrupted
//             thread its largest window.
// Lesson:     a call says what it means and can be searched for; what it needs is somebody who
//             finds every place that must call, and how much it needs: the prover, not the call.
// Literature: M. Wilcox, in the discussion of dynamic kernel stacks (14 March 2024); Windows'
//             KeExpandKernelStackAndCalloutEx.
// Context:    any; no state.

#pragma once

#include <context/policies/rules.hpp>

namespace fathom {

struct EnsurePolicy : RulesPolicy {
    static constexpr const char* kName = "ensure";
    static constexpr bool kCallsAhead = true;
    static constexpr unsigned kKeptWhilePreemptible = kLargestWindow;
};

}  // namespace fathom
