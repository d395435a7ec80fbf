// x86_64: stopping one CPU.

#pragma once

#include <lib/proof_fact.h>

namespace fathom::arch {

// An NMI ends a hlt, so it is in a loop.
[[noreturn]] inline void halt_forever() {
    state_fact<ProofFact::end>();
    for (;;) {
        asm volatile(
            "cli\n"
            "hlt"
            :
            :
            : "memory");
    }
}

}  // namespace fathom::arch
