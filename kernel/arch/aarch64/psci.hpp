// Calls to firmware: the Power State Coordination Interface (Arm DEN 0022).
//
// Owns:    the two calls that the kernel makes, through hvc or smc as the device tree says.
// Context: any.

#pragma once

#include <cstdint>

#include <lib/boot_info.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

/// Starts the CPU at `entry` with x0 = `argument`, MMU off, all of DAIF masked.
/// Errors: unsupported (no firmware to call, or it refuses), already_exists (it runs), timed_out
/// (it is on its way already).
Result<void> psci_cpu_on(HardwareCpuId cpu, PhysAddr entry, std::uint64_t argument);

/// Turns the machine off. Returns only where there is no firmware that can.
void psci_system_off();

}  // namespace fathom::arch
