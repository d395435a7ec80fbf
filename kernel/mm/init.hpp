// Memory comes into being: frames, the final page table, the heap.
//
// Owns:    the order in which mm's parts are set up.
// Context: boot, interrupts off.
// Story:   called by main/main.cpp right after the console speaks; devices and threads come after.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/boot_info.hpp>
#include <lib/result.hpp>

namespace fathom::mm {

/// Sets up everything of mm and drops boot's page tables. RAM that `boot` calls usable is mapped at
/// kDirectMapBase, with what lies reserved inside it, and so are the boot modules; the kernel's
/// image and firmware's own memory are not. Panics with a clear message where RAM is too small.
/// Context: atomic, interrupts off; boot CPU, once.
void init(const BootInfo& boot);

/// What a further CPU needs before it may take a stack fault. Called on any CPU.
/// Errors: out_of_memory; retire_cpu() takes back what there is.
/// Context: atomic, interrupts off; once per CPU, before it starts.
Result<void> init_cpu(std::uint32_t cpu_index, IrqsDisabled);

/// Takes it back from a CPU that will never run.
/// Context: atomic, interrupts off.
void retire_cpu(std::uint32_t cpu_index, IrqsDisabled);

}  // namespace fathom::mm
