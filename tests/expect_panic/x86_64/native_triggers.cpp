// x86_64: triggers that need its instructions.
//
// Context: preemptible, on an application thread.

#include <cstdint>

#include <arch/cpu_local.hpp>
#include <context/atomic_scope.hpp>
#include <expect_panic/triggers.hpp>
#include <native/local_apic.hpp>

namespace fathom::triggers {

namespace {

struct Gate {
    std::uint64_t low, high;
};
struct [[gnu::packed]] TableRegister {
    std::uint16_t limit;
    std::uint64_t base;
};
constexpr std::uint64_t kGatePresent = 1ull << 47;

Gate broken_table[256];

/// A copy of this CPU's IDT without `vector`'s present bit.
void break_gate(unsigned vector) { broken_table[vector].low &= ~kGatePresent; }

}  // namespace

// #PF cannot be delivered, as its gate is not present; nor can the #NP that comes of it. Only the
// #DF gate is left.
void double_fault(Preemptible here) {
    IrqsOff atomic{here, window<1024>};
    TableRegister table;
    asm volatile("sidt %0" : "=m"(table));
    const auto* gates = reinterpret_cast<const Gate*>(table.base);
    for (unsigned vector = 0; vector < 256; ++vector) {
        broken_table[vector] = gates[vector];
    }
    break_gate(11);
    break_gate(14);
    table.base = reinterpret_cast<std::uint64_t>(broken_table);
    asm volatile("lidt %0\n"
                 "movb 8, %%al"
                 :
                 : "m"(table)
                 : "rax", "memory");
}

void floating_point(Preemptible) { asm volatile("addsd %xmm0, %xmm0"); }

void invalid_instruction(Preemptible) { asm volatile("ud2"); }

void unknown_interrupt(Preemptible here) {
    constexpr std::uint32_t kNobodysVector = 0x70;
    IrqsOff atomic{here, window<1024>};
    arch::send_apic_command(arch::this_cpu_local().apic_id, arch::ApicCommand::fixed,
                            kNobodysVector);
}

}  // namespace fathom::triggers
