// The other CPUs.
//
// Owns:    start_secondary_cpus(); secondary_main() is declared in arch/cpu_local.hpp.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/boot_info.hpp>

namespace fathom {

/// Starts the CPUs that `boot` lists, `most` in all, one after the other, and waits for each to
/// come online. One that does not answer is reported and left.
/// Context: preemptible, boot CPU; once.
void start_secondary_cpus(const BootInfo& boot, std::uint32_t most, Preemptible here);

}  // namespace fathom
