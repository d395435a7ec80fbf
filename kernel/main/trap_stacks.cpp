// See trap_stacks.hpp.

#include <main/trap_stacks.hpp>

#include <utility>

#include <arch/cpu_local.hpp>
#include <lib/assert.hpp>
#include <mm/kernel_stack.hpp>

namespace fathom {
namespace {

// Written before the CPU runs; zeros where it has no stack.
constinit TrapStackTops tops_of_cpu[kMaxCpus]{};

/// Witness is a Preemptible or an IrqsDisabled.
template <typename Witness>
Result<void> create_all(std::uint32_t cpu_index, Witness witness) {
    ASSERT(arch::trap_stack_count() <= kMostTrapStacks, "kMostTrapStacks is too small");
    for (std::size_t stack = 0; stack < arch::trap_stack_count(); ++stack) {
        tops_of_cpu[cpu_index][stack] =
            FATHOM_TRY(mm::create_kernel_stack(arch::trap_stack_info(stack).size_bytes, witness));
    }
    return {};
}

}  // namespace

[[gnu::cold]] Result<void> create_trap_stacks(std::uint32_t cpu_index, IrqsDisabled irqs) {
    return create_all(cpu_index, irqs);
}
[[gnu::cold]] Result<void> create_trap_stacks(std::uint32_t cpu_index, Preemptible here) {
    return create_all(cpu_index, here);
}

[[gnu::cold]] void destroy_trap_stacks(std::uint32_t cpu_index, Preemptible here) {
    for (std::size_t stack = 0; stack < arch::trap_stack_count(); ++stack) {
        const VirtAddr top = std::exchange(tops_of_cpu[cpu_index][stack], VirtAddr{});
        if (top != VirtAddr{}) {
            mm::destroy_kernel_stack(top, arch::trap_stack_info(stack).size_bytes, here);
        }
    }
}

const TrapStackTops& trap_stack_tops(std::uint32_t cpu_index) { return tops_of_cpu[cpu_index]; }

std::uint64_t trap_stack_high_water(std::uint32_t cpu_index, std::size_t stack) {
    return mm::kernel_stack_high_water(tops_of_cpu[cpu_index][stack],
                                       arch::trap_stack_info(stack).size_bytes);
}

}  // namespace fathom
