// x86_64: what boot found out about this machine that BootInfo has no place for.
//
// Owns:    the MADT's facts. Written by boot/x86_64 once, constant from kernel_main on.
// Context: any.

#pragma once

#include <lib/readers/acpi.hpp>

namespace fathom::arch {

/// Where interrupt controllers live unless ACPI says otherwise.
inline constexpr PhysAddr kDefaultLocalApic{0xfee0'0000};
inline constexpr PhysAddr kDefaultIoApic{0xfec0'0000};

/// The MADT's, or the defaults above where there is none.
const MadtFacts& platform();
/// Context: boot CPU, before kernel_main.
void set_platform(const MadtFacts& facts);

}  // namespace fathom::arch
