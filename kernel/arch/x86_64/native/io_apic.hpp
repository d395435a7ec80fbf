// x86_64: the I/O APICs.

#pragma once

#include <cstdint>

#include <lib/result.hpp>

namespace fathom::arch {

/// Context: boot CPU, once, interrupts off.
void mask_all_io_apics();

/// Sends an ISA device's interrupt to one CPU.
/// Errors: not_found (no I/O APIC takes that input).
/// Context: boot CPU, interrupts off.
Result<void> route_isa_interrupt(std::uint8_t isa_interrupt, std::uint32_t vector,
                                 std::uint32_t apic_id);

}  // namespace fathom::arch
