// The other CPUs.
//
// Owns:    start_secondary_cpus(); secondary_main() is declared in arch/cpu_local.hpp.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/boot_info.hpp>

namespace fathom {

struct CpuStartLimits {
    std::uint32_t most;         ///< so many CPUs in all, the boot CPU among them
    std::uint64_t patience_ns;  ///< so long each may take to come
};

/// Starts the CPUs that `boot` lists, one after the other, and waits for each to come online. One
/// that does not come in time is reported, and halts should it come later.
/// Context: preemptible, boot CPU on a kernel thread; once.
void start_secondary_cpus(const BootInfo& boot, const CpuStartLimits& limits, Preemptible here);

}  // namespace fathom
