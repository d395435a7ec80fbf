// What `adversary=evict:SEED` does: at random moments everything stands still, and the pages below
// the stack pointers of application threads go, running and parked ones alike.
//
// Owns:    the evictor.
// Context: preemptible; it works in interrupts.
// Story:   its timer asks for a standstill (standstill.hpp); what may be taken, docs/adversaries.md
//          says.

#pragma once

#include <cstdint>

#include <context/witness.hpp>

namespace fathom {

/// Context: preemptible; once.
void start_evictor(std::uint64_t seed, Preemptible here);
/// Stops, and logs what it has done.
/// Context: preemptible; once.
void finish_evictor(Preemptible here);

}  // namespace fathom
