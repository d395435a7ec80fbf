// The parked threads: how little a thread costs that waits.
//
// Owns:    run_park().
// Context: preemptible.

#pragma once

#include <context/witness.hpp>
#include <main/options.hpp>

namespace fathom {

/// Starts options.parked_threads application threads that wait for a semaphore in their entry
/// function, prints what each of them costs and of what, and ends them again. False, after a
/// message, if not all of them fit.
/// Context: preemptible, may fault.
bool run_park(const Options& options, Preemptible here);

}  // namespace fathom
