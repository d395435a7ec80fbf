// aarch64: stopping a CPU.

#pragma once

namespace fathom::arch {

// All of DAIF is masked; wfi may end without an interrupt, hence the loop.
[[noreturn, gnu::always_inline]] inline void halt_forever() {
    asm volatile("msr daifset, #15" ::: "memory");
    for (;;) {
        asm volatile("wfi");
    }
}

}  // namespace fathom::arch
