// What boot found in the device tree and the drivers here need.
//
// Owns:    Machine, and the one instance.
// Context: written by boot/aarch64 before kernel_main, then constant (but see semihosting).
// Story:   filled by boot/aarch64/boot.cpp through lib/readers/machine.hpp.

#pragma once

#include <lib/readers/machine.hpp>

namespace fathom::arch {

struct Machine {
    MachineFacts facts;
    /// The command line says that whoever runs QEMU reads the exit status by semihosting. Cleared
    /// by the first attempt.
    bool semihosting = false;
};

/// Its console is where QEMU's virt has it until the device tree says otherwise, so that a broken
/// tree can be complained about.
extern constinit Machine machine;

}  // namespace fathom::arch
