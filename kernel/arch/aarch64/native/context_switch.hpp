// aarch64: a thread's first step out of its atomic birth.

#pragma once

#include <arch/stack_probe.hpp>

namespace fathom::arch {

// The depth is stored before the mask opens, and both halves are read after it: the same order, for
// the same reasons, as leaving a section (native/stack_probe.hpp).
[[gnu::always_inline]] [[nodiscard]] inline bool thread_begin() {
    constexpr Turn turn = Turn::thread_start;
    constexpr unsigned rule = 3;
    constexpr unsigned window = 0;
    ThreadAnchor* const self = current_thread_anchor();
    std::uint64_t word;
    asm volatile(
        "771:\n"
        "ldr %w[word], [%[self]]\n"
        "sub %w[word], %w[word], #16, lsl #12\n"
        "str %w[word], [%[self]]\n"
        "msr daifclr, #2\n"
        "ldr %[word], [%[self]]\n" FATHOM_SITE_RECORD
        : [word] "=&r"(word)
        : [self] "r"(self), FATHOM_SITE_OPERANDS
        : "memory", "cc");
    return word == 0;
}

}  // namespace fathom::arch
