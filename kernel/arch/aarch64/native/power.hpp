// aarch64: stopping a CPU.

#pragma once

#include <lib/proof_fact.h>

namespace fathom::arch {

// All of DAIF is masked; wfi may end without an interrupt, hence the loop.
[[noreturn, gnu::always_inline]] inline void halt_forever() {
    state_fact<ProofFact::end>();
    asm volatile("msr daifset, #15" ::: "memory");
    for (;;) {
        asm volatile("wfi");
    }
}

}  // namespace fathom::arch
