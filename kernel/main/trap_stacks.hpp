// The stacks that each CPU takes traps on: populated, guarded, of this CPU alone.
//
// Owns:    their creation and their high-water marks.
// Context: each says.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>

namespace fathom {

/// The most trap stacks that an architecture gives a CPU (x86_64: all eight).
inline constexpr std::size_t kMostTrapStacks = 8;
using TrapStackTops = std::array<VirtAddr, kMostTrapStacks>;

/// Makes the trap stacks of a CPU, as arch::trap_stack_info() lists them, and remembers them.
/// Errors: out_of_memory; destroy_trap_stacks() takes those back that there are.
/// Context: preemptible, may fault; before the CPU runs.
Result<void> create_trap_stacks(std::uint32_t cpu_index, Preemptible here);
/// As above, of the boot CPU, which must have them.
/// Context: atomic, interrupts off; boot.
Result<void> create_trap_stacks(std::uint32_t cpu_index, IrqsDisabled irqs);

/// Ends the trap stacks of a CPU that will never run, as many as there are.
/// Context: preemptible, may fault; no spinlock held.
void destroy_trap_stacks(std::uint32_t cpu_index, Preemptible here);

/// The tops of a CPU's trap stacks, in arch::trap_stack_info()'s order.
/// Context: any, after create_trap_stacks().
const TrapStackTops& trap_stack_tops(std::uint32_t cpu_index);

/// How many bytes of a trap stack were ever used.
/// Context: any, after create_trap_stacks().
std::uint64_t trap_stack_high_water(std::uint32_t cpu_index, std::size_t stack);

}  // namespace fathom
