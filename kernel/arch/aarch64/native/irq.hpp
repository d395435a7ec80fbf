// aarch64: the interrupt mask is PSTATE.I, bit 7 of DAIF.

#pragma once

#include <cstdint>

#include <lib/proof_fact.h>

namespace fathom::arch {

[[gnu::always_inline]] inline bool irqs_enabled() {
    std::uint64_t daif;
    asm volatile("mrs %0, daif" : "=r"(daif));
    return (daif & 1 << 7) == 0;
}

// wfi ends when an interrupt is pending, masked or not (Arm ARM, D1.6.2): with interrupts masked
// nothing can come between the caller's last look and the sleep. Opening them for two instructions
// then takes what is pending. The first isb: what was written to the timer counts before the CPU
// stops. Without it nothing promises when it does, and TCG does not show that.
[[gnu::always_inline]] inline void wait_for_interrupt() {
    asm volatile(
        "isb\n"
        "dsb sy\n"  // stores reach memory before the CPU stops
        "wfi\n"
        "775: msr daifclr, #2\n"
        "isb\n"
        "msr daifset, #2\n"
        "776:\n" FATHOM_PROOF_MASK ::
            : "memory");
}

[[gnu::always_inline]] inline void spin_hint() { asm volatile("yield" ::: "memory"); }

[[gnu::always_inline]] inline void increment_release(std::uint32_t& word, std::uint32_t old) {
    __atomic_store_n(&word, old + 1, __ATOMIC_RELEASE);
}

}  // namespace fathom::arch
