// The steps of kernel_main() that take more than a line, and the first thread.
//
// Owns:    greet(), init_boot_traps(), init_devices(), start_first_thread().
// Context: boot CPU, interrupts off, once, in this order (main.cpp).

#pragma once

#include <lib/boot_info.hpp>

namespace fathom {

/// Says who we are, how we were started, and what was wrong with what the boot loader gave us.
/// Context: any.
void greet(const BootInfo& boot);

/// Trap stacks for CPU 0, and everything it needs to take traps on them. Panics without memory.
/// Context: atomic, interrupts off.
void init_boot_traps(const BootInfo& boot);

/// The machine's devices. Panics where one that the kernel cannot do without is missing.
/// Context: atomic, interrupts off.
void init_devices(const BootInfo& boot);

/// Queues the thread that starts the other CPUs and the services, runs what the command line asks
/// for (work.cpp) and ends the machine.
/// Context: atomic, interrupts off.
void start_first_thread(BootInfo& boot);

}  // namespace fathom
