// aarch64: triggers that need its instructions.
//
// Context: preemptible, on an application thread.

#include <arch/aarch64/gic.hpp>
#include <arch/cpu_local.hpp>
#include <context/atomic_scope.hpp>
#include <expect_panic/triggers.hpp>

namespace fathom::triggers {

// The architecture has none: a fault in the vectors is a trap from EL1h, a nested_page_fault.
void double_fault(Preemptible) {}

// fadd d0, d0, d0: the assembler is told that there is no floating point, so by its bits.
void floating_point(Preemptible) { asm volatile(".inst 0x1e602800"); }

void invalid_instruction(Preemptible) { asm volatile("udf #0"); }

void unknown_interrupt(Preemptible here) {
    constexpr std::uint32_t kNobodysNumber = 7;
    IrqsOff atomic{here, window<1024>};
    arch::gic::enable_private(kNobodysNumber);
    arch::gic::send(arch::this_cpu_index(),
                    static_cast<arch::gic::SoftwareInterrupt>(kNobodysNumber));
}

}  // namespace fathom::triggers
