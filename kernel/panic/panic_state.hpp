// Who reports: the first CPU to claim it; everyone else stops.
//
// Owns:    the claim, the mask of stopped CPUs, the reports that traps have noted.
// Context: any, interrupts off. Atomics only: no lock can be trusted now.
// Story:   used by panic/panic.cpp and panic/report.cpp.

#pragma once

#include <cstdint>

#include <context/online_cpus.hpp>
#include <panic/cause.hpp>

namespace fathom {

enum class Claim : std::uint8_t {
    ours,       ///< this CPU reports
    again,      ///< this CPU was reporting already, and its report failed
    anothers,   ///< another CPU reports
};

/// Claims the report for `cpu`.
Claim claim_panic(std::uint32_t cpu);

/// Notes that this CPU has stopped; the panicking one waits for that.
void note_stopped(std::uint32_t cpu);

/// Stops the other online CPUs and waits a bounded time for them. Returns those that answered.
CpuMask stop_others(std::uint32_t cpu);

/// The cause that a trap on this CPU has noted before it left for the panic stack. Its `frame` is
/// null where the panic came from a failed check.
PanicCause& noted_cause(std::uint32_t cpu);

}  // namespace fathom
