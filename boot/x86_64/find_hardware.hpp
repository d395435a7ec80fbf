// CPUs and interrupt controllers, by ACPI.

#pragma once

#include <lib/boot_info.hpp>
#include <lib/readers/byte_view.hpp>

namespace fathom::boot {

/// Looks for the RSDP where a BIOS puts it; empty where there is none.
/// Context: boot CPU, before kernel_main.
Bytes scan_for_rsdp();

/// Fills in the CPUs and arch::platform() from ACPI's MADT. Without a usable one the kernel runs on
/// the boot CPU, with the interrupt controllers at their usual places, and says so.
/// Context: boot CPU, before kernel_main.
void find_hardware(Bytes rsdp, BootInfo& boot);

}  // namespace fathom::boot
