// aarch64: the context word lives in the running thread, at offset 0 of its anchor.
//
// There is no single instruction that adds to memory without a race here and without the cost of an
// atomic, so the depth is loaded, changed and stored. That is sound because
//   - the word belongs to the thread: a migration in the middle moves it along with us;
//   - an interrupt in the middle adds to the depth and takes the same off again before it returns,
//     and if it switches threads, it does so with our stored value, which is the one we loaded;
//   - the depths (low 32 bits) and calm (high 32 bits) are stored by separate 32-bit stores, so
//     storing our depth cannot undo an interrupt's "reschedule pending" in the other half.
// Leaving re-reads both halves by one 64-bit load AFTER the depth is stored: an interrupt that sets
// pending before that store finds us atomic and leaves it to us; one after it switches itself.

#pragma once

#include <cstdint>

#include <arch/thread_anchor.hpp>

namespace fathom::arch {

inline constexpr std::uint64_t kCalmBit = 1ull << 32;
static_assert(__builtin_offsetof(ThreadAnchor, context_word) == 0);

// The record of the sequence between local labels 771 and 772; see context/site.hpp.
#define FATHOM_SITE_RECORD                          \
    "772:\n"                                        \
    ".pushsection .stack_sites,\"a?\",%%progbits\n" \
    ".long 771b - .\n"                              \
    ".byte %c[record]\n"                            \
    ".byte 772b - 771b\n"                           \
    ".short %c[size]\n"                             \
    ".popsection\n"
#define FATHOM_SITE_OPERANDS \
    [record] "i"(static_cast<unsigned>(turn) | rule << 4), [size] "i"(window)

// ---- The sequences, instruction by instruction. %c[size] is the window, [self] the running
// thread's anchor. Local label 773 is the end of what a test skips.

// Touch::always. ldurb reaches 256 bytes down; further takes the address in a register first.
#define FATHOM_LOAD                 \
    ".if %c[size] <= 256\n"         \
    "ldurb wzr, [sp, #-%c[size]]\n" \
    ".else\n"                       \
    "sub x16, sp, #%c[size]\n"      \
    "ldrb wzr, [x16]\n"             \
    ".endif\n"
// Touch::if_preemptible. Both depths are in the low half: zero means that both are on.
#define FATHOM_LOAD_IF_PREEMPTIBLE \
    "ldr %w[depth], [%[self]]\n"   \
    "cbnz %w[depth], 773f\n" FATHOM_LOAD "773:\n"
// Touch::if_open. Bit 7 of DAIF masks interrupts; the word need not know of the hardware's mask.
#define FATHOM_LOAD_IF_OPEN \
    "mrs x16, daif\n"       \
    "tbnz x16, #7, 773f\n" FATHOM_LOAD_IF_PREEMPTIBLE
#define FATHOM_PREEMPT_OFF           \
    "ldr %w[depth], [%[self]]\n"     \
    "add %w[depth], %w[depth], #1\n" \
    "str %w[depth], [%[self]]\n"
#define FATHOM_IRQS_OFF                        \
    "msr daifset, #2\n"                        \
    "ldr %w[depth], [%[self]]\n"               \
    "add %w[depth], %w[depth], #16, lsl #12\n" \
    "str %w[depth], [%[self]]\n"

#define FATHOM_SUBTRACT(amount)       \
    "ldr %w[word], [%[self]]\n"       \
    "sub %w[word], %w[word], " amount \
    "\n"                              \
    "str %w[word], [%[self]]\n"
#define FATHOM_READ_BOTH "ldr %[word], [%[self]]\n"
#define FATHOM_PREEMPT_ON_NESTED FATHOM_SUBTRACT("#1")
#define FATHOM_PREEMPT_ON FATHOM_SUBTRACT("#1") FATHOM_READ_BOTH
#define FATHOM_IRQS_ON_OUTERMOST \
    FATHOM_SUBTRACT("#16, lsl #12") "msr daifclr, #2\n" FATHOM_READ_BOTH
// Open only at interrupt depth zero.
#define FATHOM_IRQS_ON              \
    FATHOM_SUBTRACT("#16, lsl #12") \
    "tst %w[word], #0x7fff0000\n"   \
    "b.ne 773f\n"                   \
    "msr daifclr, #2\n" FATHOM_READ_BOTH "773:\n"

// ---- One asm block each: nothing comes between the load and the turn.

#define FATHOM_ENTER(sequence)                            \
    asm volatile("771:\n" sequence FATHOM_SITE_RECORD     \
                 : [depth] "=&r"(depth)                   \
                 : [self] "r"(self), FATHOM_SITE_OPERANDS \
                 : "memory", "cc", "x16")
#define FATHOM_ENTER_BY(turn)                              \
    if constexpr (touch == Touch::never) {                 \
        FATHOM_ENTER(turn);                                \
    } else if constexpr (touch == Touch::always) {         \
        FATHOM_ENTER(FATHOM_LOAD turn);                    \
    } else if constexpr (touch == Touch::if_preemptible) { \
        FATHOM_ENTER(FATHOM_LOAD_IF_PREEMPTIBLE turn);     \
    } else {                                               \
        FATHOM_ENTER(FATHOM_LOAD_IF_OPEN turn);            \
    }

template <Turn turn, Touch touch, unsigned window, unsigned rule>
[[gnu::always_inline]] inline void enter_atomic() {
    static_assert(turn == Turn::preempt_off || turn == Turn::irqs_off);
    static_assert(window <= 4096);
    ThreadAnchor* const self = current_thread_anchor();
    std::uint32_t depth;
    if constexpr (turn == Turn::preempt_off) {
        FATHOM_ENTER_BY(FATHOM_PREEMPT_OFF)
    } else {
        FATHOM_ENTER_BY(FATHOM_IRQS_OFF)
    }
}

#define FATHOM_LEAVE(sequence)                            \
    asm volatile("771:\n" sequence FATHOM_SITE_RECORD     \
                 : [word] "=&r"(word)                     \
                 : [self] "r"(self), FATHOM_SITE_OPERANDS \
                 : "memory", "cc")

template <Turn turn, Leave leave, unsigned rule>
[[gnu::always_inline]] [[nodiscard]] inline bool leave_atomic() {
    static_assert(turn == Turn::preempt_on || turn == Turn::irqs_on);
    constexpr unsigned window = 0;
    ThreadAnchor* const self = current_thread_anchor();
    std::uint64_t word;
    if constexpr (turn == Turn::preempt_on && leave == Leave::nested) {
        FATHOM_LEAVE(FATHOM_PREEMPT_ON_NESTED);
    } else if constexpr (turn == Turn::preempt_on) {
        FATHOM_LEAVE(FATHOM_PREEMPT_ON);
    } else if constexpr (leave == Leave::outermost) {
        FATHOM_LEAVE(FATHOM_IRQS_ON_OUTERMOST);
    } else {
        FATHOM_LEAVE(FATHOM_IRQS_ON);
    }
    // Zero is "nothing is off, and somebody waits".
    return leave != Leave::nested && word == 0;
}

template <unsigned rule>
[[gnu::always_inline]] inline void record_api_boundary() {
    constexpr Turn turn = Turn::api_boundary;
    constexpr unsigned window = 0;
    asm volatile("771:\n" FATHOM_SITE_RECORD : : FATHOM_SITE_OPERANDS);
}

[[gnu::always_inline]] inline std::uint64_t read_context_word() {
    return __atomic_load_n(&current_thread_anchor()->context_word, __ATOMIC_RELAXED);
}

// The high half alone: see the file comment. One store: volatile, since GCC forms the address of an
// atomic one in a register of its own.
[[gnu::always_inline]] inline void set_calm(ThreadAnchor& current, std::uint32_t calm) {
    reinterpret_cast<volatile std::uint32_t*>(&current.context_word)[1] = calm;
}
[[gnu::always_inline]] inline void set_reschedule_pending() {
    set_calm(*current_thread_anchor(), 0);
}
[[gnu::always_inline]] inline void clear_reschedule_pending(ThreadAnchor& current) {
    set_calm(current, 1);
}

[[gnu::always_inline]] inline std::uint64_t stack_pointer() {
    std::uint64_t sp;
    asm volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

#undef FATHOM_LOAD
#undef FATHOM_LOAD_IF_PREEMPTIBLE
#undef FATHOM_LOAD_IF_OPEN
#undef FATHOM_PREEMPT_OFF
#undef FATHOM_IRQS_OFF
#undef FATHOM_SUBTRACT
#undef FATHOM_READ_BOTH
#undef FATHOM_PREEMPT_ON_NESTED
#undef FATHOM_PREEMPT_ON
#undef FATHOM_IRQS_ON_OUTERMOST
#undef FATHOM_IRQS_ON
#undef FATHOM_ENTER
#undef FATHOM_ENTER_BY
#undef FATHOM_LEAVE

}  // namespace fathom::arch
