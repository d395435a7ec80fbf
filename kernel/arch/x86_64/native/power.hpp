// x86_64: stopping one CPU.

#pragma once

namespace fathom::arch {

// An NMI ends a hlt, so it is in a loop.
[[noreturn]] inline void halt_forever() {
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
