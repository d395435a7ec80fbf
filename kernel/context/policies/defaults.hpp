// What a policy need not say: it touches ahead at its sites, or not at all, and nothing else.
//
// Owns:    the answers of most policies to the questions that few of them ask.
// Context: any; no state.

#pragma once

namespace fathom {

struct PolicyDefaults {
    /// A stack fault in an atomic section is served, from frames that are kept for it
    /// (mm/growth_reserve.hpp), where others refuse it.
    static constexpr bool kGrowsWhileAtomic = false;
    /// A site calls ensure_stack() in place of one load.
    static constexpr bool kCallsAhead = false;
    /// The scheduler populates the largest window of the thread that it switches to.
    static constexpr bool kPopulatesAtSwitch = false;
    /// How many bytes below sp a thread that was interrupted in preemptible context relies on.
    static constexpr unsigned kKeptWhilePreemptible = 0;
};

}  // namespace fathom
