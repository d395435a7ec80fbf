// Populated stacks: of kernel threads, idle threads and traps. Nothing is lazy here.
//
// Each lies in a slot like a lazy one: 64 KiB that are never mapped, a page for prefaults (rule 5
// and rule 4 code runs on kernel threads too), then the stack, wholly populated and filled with a
// pattern, so that its high-water mark can be read off.
//
// Owns:    the range at kKernelStackBase.
// Context: each says.
// Story:   created by sched/ and by main for the CPUs' trap stacks.

#pragma once

#include <cstdint>

#include <context/witness.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>

namespace fathom::mm {

/// The largest populated stack; sizes are rounded up to 4 KiB << n.
inline constexpr std::uint64_t kLargestKernelStack = MiB(2);

/// A populated stack of at least `size_bytes`; returns its top.
/// Errors: invalid_argument (0 or over kLargestKernelStack), out_of_memory, also where there are
/// most_kernel_stacks(size_bytes) already (kernel_stack_geometry.hpp): 69,632 of up to 64 KiB each,
/// 4,096 of each larger size.
/// Context: preemptible, may fault.
Result<VirtAddr> create_kernel_stack(std::uint64_t size_bytes, Preemptible);
/// Early variant, for the stacks that boot sets up.
/// Context: atomic, interrupts off.
Result<VirtAddr> create_kernel_stack(std::uint64_t size_bytes, IrqsDisabled);

/// Ends the stack of `size_bytes` whose top is `top`; nobody runs on it any more.
/// Context: preemptible, may fault; no spinlock held.
void destroy_kernel_stack(VirtAddr top, std::uint64_t size_bytes, Preemptible);

/// Bytes of the stack that were ever written, from its top down.
/// Context: any, while the stack exists.
std::uint64_t kernel_stack_high_water(VirtAddr top, std::uint64_t size_bytes);

/// Whether `address` lies in the gap below a populated stack that exists: an overflow.
/// Context: any.
bool in_kernel_stack_gap(VirtAddr address);

}  // namespace fathom::mm
