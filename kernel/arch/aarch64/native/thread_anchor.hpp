// aarch64: the running thread's anchor is in TPIDR_EL1.
//
// Only fathom_switch, fathom_resume, adopt_boot_thread(), init_cpu() and the start of a CPU write
// the register. The asm is neither volatile nor clobbers memory: a thread keeps its anchor wherever
// it runs, so the compiler may read it once and use it again.

#pragma once

namespace fathom::arch {

[[gnu::always_inline]] inline ThreadAnchor* current_thread_anchor() {
    ThreadAnchor* anchor;
    asm("mrs %0, tpidr_el1" : "=r"(anchor));
    return anchor;
}

}  // namespace fathom::arch
