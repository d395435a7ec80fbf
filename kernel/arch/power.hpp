// Contract: how a run ends.

#pragma once

namespace fathom::arch {

enum class ExitStatus : unsigned char {
    passed = 0,
    failed = 1,   ///< a test failed, the job found bad input
    panicked = 2,
};

/// Ends the machine. Under QEMU the run tool can tell the three apart: x86_64 through
/// isa-debug-exit where it is there ((v << 1) | 1, v = status + 16), aarch64 through semihosting
/// SYS_EXIT_EXTENDED when enabled on the command line; else by ACPI/PSCI power-off.
/// Context: any.
[[noreturn]] void power_off(ExitStatus status);

/// Stops this CPU for good, interrupts masked.
[[noreturn]] inline void halt_forever();

}  // namespace fathom::arch

#include <native/power.hpp>
