// x86_64: RFLAGS.IF, and sleeping.

#pragma once

#include <cstdint>

#include <lib/proof_fact.h>
#include <native/trap_frame.hpp>

namespace fathom::arch {

inline bool irqs_enabled() {
    std::uint64_t flags;
    asm volatile(
        "pushfq\n"
        "popq %0"
        : "=r"(flags)
        :
        : "memory");
    return (flags & kInterruptFlag) != 0;
}

// The depth stays counted while sti has them open, so a handler switches nothing in between.
inline void wait_for_interrupt() {
    asm volatile(
        "775: sti\n"
        "hlt\n"
        "cli\n"
        "776:\n" FATHOM_PROOF_MASK
        :
        :
        : "memory", "cc");
}

[[gnu::always_inline]] inline void spin_hint() { asm volatile("pause" ::: "memory"); }

// x86 keeps stores in order; no other CPU writes the word, so no lock prefix.
[[gnu::always_inline]] inline void increment_release(std::uint32_t& word, std::uint32_t) {
    asm volatile("incl %0" : "+m"(word) : : "memory", "cc");
}

}  // namespace fathom::arch
