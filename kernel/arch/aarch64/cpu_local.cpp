// What a CPU needs to take traps and interrupts.
//
// Context: see arch/cpu_local.hpp. Vectors and floating-point traps are set by cpu_setup.S already.

#include <arch/cpu_local.hpp>

#include <build_options.hpp>
#include <native/asm_offsets.h>
#include <lib/assert.hpp>
#include <lib/proof_fact.h>
#include <native/born_atomic.hpp>

#include "gic.hpp"
#include "system_register.hpp"
#include "timer.hpp"

namespace fathom::arch {
namespace {

/// Sanitizers and checks make the handlers' frames about twice as large.
constexpr std::size_t kTrapStackBytes = kHardened ? KiB(32) : KiB(16);
constexpr std::size_t kPanicStackBytes = std::size_t{1} << PANIC_STACK_SHIFT;

constexpr TrapStackInfo kTrapStacks[] = {
    {.name = "traps", .size_bytes = kTrapStackBytes},
    {.name = "panic", .size_bytes = kPanicStackBytes},
};

void set_current_thread(ThreadAnchor& thread) {
    asm volatile("775: msr tpidr_el1, %0\n"
                 "776:\n" FATHOM_PROOF_ENTRY_CODE ::"r"(&thread)
                 : "memory");
}

// SP_EL1 has a name only while it is the stack pointer in use. Interrupts are off, and nothing
// between the two switches touches a stack.
void set_trap_stack(VirtAddr top) {
    asm volatile(
        "775: msr spsel, #1\n"
        "mov sp, %0\n"
        "msr spsel, #0\n"
        "776:\n" FATHOM_PROOF_MASK ::"r"(top.value)
        : "memory");
}

}  // namespace

std::size_t trap_stack_count() { return sizeof kTrapStacks / sizeof kTrapStacks[0]; }
TrapStackInfo trap_stack_info(std::size_t index) { return kTrapStacks[index]; }

void adopt_boot_thread(ThreadAnchor& boot_thread) {
    boot_thread.context_word = kBornAtomic;
    boot_thread.cpu_index = 0;
    boot_thread.on_cpu.store(1, std::memory_order_relaxed);
    set_current_thread(boot_thread);
}

void init_cpu(std::uint32_t index, HardwareCpuId id, ThreadAnchor& idle, const VirtAddr* tops) {
    ASSERT(current_thread_anchor() == &idle, "init_cpu: {} is not the running thread, {} is", &idle,
           current_thread_anchor());
    fathom_trap_stack_tops[index] = {.traps = tops[0].value, .panic = tops[1].value};
    set_trap_stack(tops[0]);
    if (index == 0) {
        gic::init_distributor();
    }
    gic::init_cpu(index, id);
    init_timer();
}

}  // namespace fathom::arch
