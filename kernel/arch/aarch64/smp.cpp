// Starting the other CPUs.
//
// Context: see arch/cpu_local.hpp.
// Story:   called by main/secondary.cpp; goes on in cpu_setup.S on the CPU started, and then in
//          secondary_main().

#include "smp.hpp"

#include <native/asm_offsets.h>
#include <arch/cpu_local.hpp>
#include <arch/outermost_frame.hpp>
#include <native/born_atomic.hpp>

#include "psci.hpp"
#include "system_register.hpp"

namespace fathom::arch {
namespace {

/// One for each CPU: the one before may still be reading when the next is started.
constinit SecondaryStart starts[kMaxCpus]{};

std::uint64_t address_of(const void* object) { return reinterpret_cast<std::uint64_t>(object); }

}  // namespace

extern "C" void fathom_secondary_start();

Result<void> start_cpu(std::uint32_t index, HardwareCpuId id, ThreadAnchor& idle,
                       VirtAddr stack_top) {
    idle.context_word = kBornAtomic;
    idle.cpu_index = index;
    idle.on_cpu.store(1, std::memory_order_relaxed);
    fathom_trap_stack_tops[index] = {.traps = address_of(fathom_early_trap_stack_top),
                                     .panic = address_of(fathom_early_panic_stack_top)};
    starts[index] = {.table = FATHOM_READ_REGISTER(ttbr1_el1),
                     .idle = &idle,
                     .stack_top = stack_top.value,
                     .trap_stack_top = address_of(fathom_early_trap_stack_top)};
    asm volatile("dsb ish" ::: "memory");  // all of it is visible before the CPU looks
    const auto entry = reinterpret_cast<std::uint64_t>(&fathom_secondary_start);
    return psci_cpu_on(id, {entry - IMAGE_OFFSET}, address_of(&starts[index]));
}

extern "C" [[noreturn]] void fathom_secondary_arrive(const SecondaryStart& start) {
    outermost_frame();
    secondary_main(start.idle->cpu_index);
}

}  // namespace fathom::arch
