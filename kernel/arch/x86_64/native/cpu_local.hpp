// x86_64: what each CPU keeps for itself, at its gs base.
//
// Owns:    CpuLocal, this_cpu_index(), and the parts of CPU setup that boot/ and start_cpu() share.
// Context: each says. The fields up to the TSS are read by assembly: native/asm_offsets.h.

#pragma once

#include <cstdint>

#include <native/asm_offsets.h>
#include <native/panic_entry.hpp>
#include <native/task_state.hpp>

namespace fathom::arch {

/// One CPU's. Written by that CPU only, or before it starts.
struct alignas(64) CpuLocal {
    CpuLocal* self = nullptr;
    ThreadAnchor* current = nullptr;
    std::uint32_t context_word = 0;  ///< live; changed by single instructions only
    std::uint32_t index = 0;
    std::uint64_t page_fault_top = 0;
    std::uint64_t debug_top = 0;
    std::uint64_t panic_top = 0;
    std::uint64_t timer_deadline = 0;
    std::uint32_t apic_id = 0;
    TaskState task_state;
    std::uint32_t reserved = 0;
    DescriptorTable descriptors = {};
    PanicRegisters panic = {};    ///< filled by panic_entry.S
    std::uint64_t caller_sp = 0;  ///< these two by system_call.S, until it has a stack
    std::uint64_t caller_pc = 0;
};

/// Every CPU's, by index; each is used from early_cpu_setup() on.
extern CpuLocal cpu_locals[];

/// The running CPU's.
/// Context: atomic.
[[gnu::always_inline]] inline CpuLocal& this_cpu_local() {
    CpuLocal* self;
    asm volatile("movq %%gs:%c1, %0" : "=r"(self) : "i"(CPU_SELF));
    return *self;
}

// Volatile, unlike current_thread_anchor(): a thread moves between CPUs.
[[gnu::always_inline]] inline std::uint32_t this_cpu_index() {
    std::uint64_t index;
    asm volatile("movl %%gs:%c1, %k0" : "=r"(index) : "i"(CPU_INDEX));
    if (index >= kMaxCpus) {
        __builtin_unreachable();  // and so the compiler need not clear the upper half
    }
    return static_cast<std::uint32_t>(index);
}

/// Gives the running CPU its gs base, descriptor tables and trap stacks of a makeshift kind, so
/// that a fault before init_cpu() ends in a report. Interrupt depth 1, no reschedule pending;
/// `current` is the running thread, null on the boot CPU until adopt_boot_thread().
/// Context: once per CPU, before anything else of the kernel runs on it; interrupts off.
void early_cpu_setup(std::uint32_t index, ThreadAnchor* current);

/// Puts the code that a starting CPU begins with into a page of RAM below 1 MiB, the only place
/// where it can begin. The page must stay as it is.
/// Context: boot CPU, before kernel_main, while boot's page tables map it.
void install_start_code(PhysAddr page);

}  // namespace fathom::arch
