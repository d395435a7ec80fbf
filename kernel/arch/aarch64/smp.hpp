// What a CPU that is being started reads before it has anything else.
//
// Owns:    SecondaryStart; cpu_setup.S knows its offsets.
// Context: written by start_cpu() on the boot CPU, read by the CPU started.

#pragma once

#include <cstdint>

#include <arch/thread_anchor.hpp>

namespace fathom::arch {

struct SecondaryStart {
    std::uint64_t table;  ///< TTBR1_EL1: the kernel's final table and its ASID
    ThreadAnchor* idle;
    std::uint64_t stack_top;
    std::uint64_t trap_stack_top;  ///< until init_cpu() gives the CPU one of its own
};

/// The stacks that CPU 0 takes traps on before its init_cpu(), and each other CPU before its own;
/// they stand in boot/aarch64/start.S. CPUs start one at a time.
extern "C" char fathom_early_trap_stack_top[];
extern "C" char fathom_early_panic_stack_top[];

}  // namespace fathom::arch
