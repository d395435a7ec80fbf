// The adversaries: the kernel command line's adversary=NAME turns one on (docs/adversaries.md).
//
//     adversary=sweep              the sweep of sp, over every operation
//     adversary=shadow             operations are single-stepped and held against their windows
//     adversary=evict:SEED         pages below sp go away at random moments
//     adversary=step-evict         pages below sp go away after each stepped instruction
//
// Owns:    which adversary is on, and how much of the sweep it asks for.
// Context: any.
// Story:   turned on by main/work.cpp before the tests; tests/sweep asks it for its plan.

#pragma once

#include <cstdint>

namespace fathom {

enum class Adversary : std::uint8_t { none, sweep, shadow, evict, step_evict };

/// The one that is on.
Adversary adversary();

/// Which of the offsets in a page an operation is called at, and on how much stack each.
struct SweepPlan {
    unsigned first;   ///< in steps of 16 bytes
    unsigned stride;
    unsigned count;
    bool fresh_stack;  ///< each offset has stack of its own that was never touched
};
SweepPlan sweep_plan();

}  // namespace fathom
