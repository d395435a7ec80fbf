// x86_64: the first step of a new thread.

#pragma once

#include <arch/stack_probe.hpp>

namespace fathom::arch {

// Rule 3: the thread was born atomic, and its creator populated what it has used so far. sti leaves
// the flags of subl alone, as in leave_atomic().
[[gnu::always_inline]] inline bool thread_begin() {
    constexpr Turn turn = Turn::thread_start;
    constexpr unsigned rule = 3;
    constexpr unsigned window = 0;
    bool pending;
    asm volatile(
        "771:\n"
        "subl %[depth], %%gs:%c[word]\n"
        "sti\n" FATHOM_SITE_RECORD
        : "=@ccz"(pending)
        : FATHOM_SITE_OPERANDS, [depth] "i"(WORD_ONE_IRQ_DEPTH)
        : "memory");
    return pending;
}

}  // namespace fathom::arch
