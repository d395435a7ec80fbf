// Contract: which CPU is this, and setting up what a CPU needs to take a trap.
//
// Owns:    this_cpu_index(), adopt_boot_thread(), init_cpu(), init_machine(), start_cpu().
// Context: each says.

#pragma once

#include <cstddef>
#include <cstdint>

#include <arch/thread_anchor.hpp>
#include <lib/boot_info.hpp>
#include <lib/result.hpp>
#include <lib/units.hpp>

namespace fathom::arch {

/// 0 for the boot CPU, then in BootInfo::cpus order.
/// Context: atomic (elsewhere the answer is stale before it is used).
inline std::uint32_t this_cpu_index();

/// The trap stacks that a CPU has, by what arrives on them; aarch64 has only `traps` and `panic`.
struct TrapStackInfo {
    const char* name;
    std::size_t size_bytes;
};
/// The stacks that this architecture wants for each CPU, in a fixed order (lowest index first).
std::size_t trap_stack_count();
TrapStackInfo trap_stack_info(std::size_t index);

/// The first thing that kernel_main does: makes `boot_thread` the running thread of CPU 0, with an
/// interrupt depth of 1 and no reschedule pending, so that guards, witnesses and per-CPU storage
/// work before init_cpu() (x86_64: the gs base and a static CpuLocal; aarch64: TPIDR_EL1).
/// Context: boot CPU, once, interrupts off.
void adopt_boot_thread(ThreadAnchor& boot_thread);

/// Everything that lets this CPU take traps and interrupts: descriptor tables or vectors, per-CPU
/// pointer, current thread, trap stacks, interrupt controller's CPU side, timer. `tops` has
/// trap_stack_count() entries: the highest address of each, 16-byte aligned.
/// Interrupts stay off; so does the local timer until arm_timer().
/// Context: once per CPU, on its idle thread, interrupts off.
void init_cpu(std::uint32_t index, HardwareCpuId id, ThreadAnchor& idle, const VirtAddr* tops);

/// Machine-wide devices (interrupt controller, timer calibration, console input); needs the final
/// page tables and mm. Call it after init_cpu() on the boot CPU.
/// Context: boot CPU, once, interrupts off.
Result<void> init_machine(const BootInfo& boot);

/// Starts a CPU; it enters secondary_main() on `stack_top` with the kernel's page tables,
/// interrupts off, and `idle` as its current thread. Waits at most about 1 s of guest time for
/// nothing: the caller watches for the CPU to report itself.
/// Errors: timed_out or unsupported where the firmware refuses.
/// Context: boot CPU, which the caller does not leave meanwhile.
Result<void> start_cpu(std::uint32_t index, HardwareCpuId id, ThreadAnchor& idle,
                       VirtAddr stack_top);

}  // namespace fathom::arch

namespace fathom {
/// Upcall: defined in main/secondary.cpp. Where a started CPU arrives; it calls init_cpu() first.
[[noreturn]] void secondary_main(std::uint32_t index);
}  // namespace fathom

#include <native/cpu_local.hpp>
