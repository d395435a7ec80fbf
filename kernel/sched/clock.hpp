// Time since the counter started, in nanoseconds and in cycles.
//
// Owns:    now_ns() and the conversions.
// Context: any; the factors are constant after sched::init_clock().

#pragma once

#include <cstdint>

#include <arch/timer.hpp>
#include <context/witness.hpp>

namespace fathom {

/// Nanoseconds on the machine's counter; never goes back; the same on every CPU.
/// Context: any, after sched::init_clock(). Also preemptible.
std::uint64_t now_ns();

/// Context: any, after sched::init_clock().
std::uint64_t cycles_to_ns(std::uint64_t cycles);
/// Rounds up by the clock's own measure (clock_scale.hpp): cycles_to_ns() of the result is never
/// below `ns`, so a deadline is never early. "For ever" (~0 and close to it) stays for ever.
/// Context: any, after sched::init_clock().
std::uint64_t ns_to_cycles(std::uint64_t ns);

/// The length of a tick, in cycles: 1 ms. Slices are made of it; see tick.cpp.
/// Context: any, after sched::init_clock().
std::uint64_t tick_cycles();

/// Sleeps until now_ns() has reached `deadline_ns`.
/// Context: preemptible, may fault.
void sleep_until(std::uint64_t deadline_ns, Preemptible here);

/// Context: preemptible, may fault.
void sleep_for(std::uint64_t duration_ns, Preemptible here);

}  // namespace fathom
