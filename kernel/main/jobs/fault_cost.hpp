// What a stack fault costs on this machine, measured now.
//
// Owns:    measure_fault_cost().
// Context: preemptible.

#pragma once

#include <cstdint>

#include <context/witness.hpp>

namespace fathom {

/// In cycles, which are instructions under -icount. The cheapest fault took its frame from the
/// reserve; the average holds refills and whatever else the CPU did meanwhile.
struct FaultCost {
    std::uint64_t least = 0;
    std::uint64_t average = 0;
    std::uint64_t faults = 0;  ///< 0 where no touch faulted: every page was there already
};

/// Touches pages of a new thread's stack, one after the other.
/// Context: preemptible, may fault.
FaultCost measure_fault_cost(Preemptible here);

}  // namespace fathom
