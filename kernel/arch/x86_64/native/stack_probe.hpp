// x86_64: the context word is one 32-bit word per CPU, at %gs:16.
//
// Every change is one read-modify-write instruction on a gs-relative address: no interrupt or
// migration can come between its load and its store, and the gs base is the one of the CPU that
// executes it. Only the owning CPU writes it (a remote CPU sends an IPI). Calm is bit 31, so that a
// decrement sets ZF exactly when nothing is off and somebody waits.

#pragma once

#include <cstdint>

namespace fathom::arch {

inline constexpr std::uint64_t kCalmBit = 1ull << 31;
/// Offset of the context word in CpuLocal; asserted in contract_check.cpp.
inline constexpr unsigned kContextWordOffset = 16;

// The record of the sequence between local labels 771 and 772; see context/site.hpp.
#define FATHOM_SITE_RECORD                         \
    "772:\n"                                       \
    ".pushsection .stack_sites,\"a?\",@progbits\n" \
    ".long 771b - .\n"                             \
    ".byte %c[record]\n"                           \
    ".byte 772b - 771b\n"                          \
    ".short %c[size]\n"                            \
    ".popsection\n"
#define FATHOM_SITE_OPERANDS                                                   \
    [record] "i"(static_cast<unsigned>(turn) | rule << 4), [size] "i"(window), \
        [word] "i"(kContextWordOffset)

// ---- The sequences, instruction by instruction. %c[size] is the window, %c[word] the word's
// offset. Local label 773 is the end of what a test skips.

// Touch::always. One load, which needs no register and changes none but the flags.
#define FATHOM_LOAD "testb %%al, -%c[size](%%rsp)\n"
// Touch::if_preemptible. Every bit but calm is a depth: zero means that both are on.
#define FATHOM_LOAD_IF_PREEMPTIBLE       \
    "testl $0x7fffffff, %%gs:%c[word]\n" \
    "jnz 773f\n" FATHOM_LOAD "773:\n"
// Touch::if_open. Bit 9 of RFLAGS is IF; the word need not know of a mask that the hardware set.
#define FATHOM_LOAD_IF_OPEN     \
    "testl $0x200, %k[flags]\n" \
    "jz 773f\n" FATHOM_LOAD_IF_PREEMPTIBLE
#define FATHOM_PREEMPT_OFF "incl %%gs:%c[word]\n"
#define FATHOM_IRQS_OFF \
    "cli\n"             \
    "addl $0x10000, %%gs:%c[word]\n"

#define FATHOM_PREEMPT_ON "decl %%gs:%c[word]\n"
// sti leaves the flags of subl alone. An interrupt taken after it may switch us away and back: then
// nothing is pending any more and preempt_here() finds nothing to do.
#define FATHOM_IRQS_ON_OUTERMOST     \
    "subl $0x10000, %%gs:%c[word]\n" \
    "sti\n"
// Open only at interrupt depth zero. The last test tells "zero and pending" from the rest.
#define FATHOM_IRQS_ON                   \
    "subl $0x10000, %%gs:%c[word]\n"     \
    "testl $0x7fff0000, %%gs:%c[word]\n" \
    "jnz 773f\n"                         \
    "sti\n"                              \
    "cmpl $0, %%gs:%c[word]\n"           \
    "773:\n"

// ---- One asm block each: nothing comes between the load and the turn.

#define FATHOM_ENTER(sequence) \
    asm volatile("771:\n" sequence FATHOM_SITE_RECORD : : FATHOM_SITE_OPERANDS : "memory", "cc")
// There is no other way to read the mask than over the stack. The sequence begins after that: set
// back to its beginning (context/site.hpp), a thread must find sp where it was.
#define FATHOM_ENTER_IF_OPEN(turn)                           \
    std::uint64_t flags;                                     \
    asm volatile(                                            \
        "pushfq\n"                                           \
        "popq %[flags]\n"                                    \
        "771:\n" FATHOM_LOAD_IF_OPEN turn FATHOM_SITE_RECORD \
        : [flags] "=&r"(flags)                               \
        : FATHOM_SITE_OPERANDS                               \
        : "memory", "cc")
#define FATHOM_ENTER_BY(turn)                              \
    if constexpr (touch == Touch::never) {                 \
        FATHOM_ENTER(turn);                                \
    } else if constexpr (touch == Touch::always) {         \
        FATHOM_ENTER(FATHOM_LOAD turn);                    \
    } else if constexpr (touch == Touch::if_preemptible) { \
        FATHOM_ENTER(FATHOM_LOAD_IF_PREEMPTIBLE turn);     \
    } else {                                               \
        FATHOM_ENTER_IF_OPEN(turn);                        \
    }

template <Turn turn, Touch touch, unsigned window, unsigned rule>
[[gnu::always_inline]] inline void enter_atomic() {
    static_assert(turn == Turn::preempt_off || turn == Turn::irqs_off);
    static_assert(window <= 4096);
    if constexpr (turn == Turn::preempt_off) {
        FATHOM_ENTER_BY(FATHOM_PREEMPT_OFF)
    } else {
        FATHOM_ENTER_BY(FATHOM_IRQS_OFF)
    }
}

// Wanted: the word has become zero, which is "nothing is off, and somebody waits".
#define FATHOM_LEAVE(sequence)                        \
    asm volatile("771:\n" sequence FATHOM_SITE_RECORD \
                 : "=@ccz"(wanted)                    \
                 : FATHOM_SITE_OPERANDS               \
                 : "memory")

template <Turn turn, Leave leave, unsigned rule>
[[gnu::always_inline]] [[nodiscard]] inline bool leave_atomic() {
    static_assert(turn == Turn::preempt_on || turn == Turn::irqs_on);
    constexpr unsigned window = 0;
    bool wanted = false;
    if constexpr (turn == Turn::preempt_on) {
        FATHOM_LEAVE(FATHOM_PREEMPT_ON);
    } else if constexpr (leave == Leave::outermost) {
        FATHOM_LEAVE(FATHOM_IRQS_ON_OUTERMOST);
    } else {
        FATHOM_LEAVE(FATHOM_IRQS_ON);
    }
    return leave != Leave::nested && wanted;
}

template <unsigned rule>
[[gnu::always_inline]] inline void record_api_boundary() {
    constexpr Turn turn = Turn::api_boundary;
    constexpr unsigned window = 0;
    asm volatile("771:\n" FATHOM_SITE_RECORD : : FATHOM_SITE_OPERANDS);
}

[[gnu::always_inline]] inline std::uint64_t read_context_word() {
    std::uint32_t word;
    asm volatile("movl %%gs:%c1, %0" : "=r"(word) : "i"(kContextWordOffset) : "memory");
    return word;
}

[[gnu::always_inline]] inline void set_reschedule_pending() {
    asm volatile("andl $0x7fffffff, %%gs:%c0" : : "i"(kContextWordOffset) : "memory", "cc");
}
[[gnu::always_inline]] inline void clear_reschedule_pending(ThreadAnchor&) {
    asm volatile("orl $0x80000000, %%gs:%c0" : : "i"(kContextWordOffset) : "memory", "cc");
}

[[gnu::always_inline]] inline std::uint64_t stack_pointer() {
    std::uint64_t sp;
    asm volatile("movq %%rsp, %0" : "=r"(sp));
    return sp;
}

#undef FATHOM_LOAD
#undef FATHOM_LOAD_IF_PREEMPTIBLE
#undef FATHOM_LOAD_IF_OPEN
#undef FATHOM_PREEMPT_OFF
#undef FATHOM_IRQS_OFF
#undef FATHOM_PREEMPT_ON
#undef FATHOM_IRQS_ON_OUTERMOST
#undef FATHOM_IRQS_ON
#undef FATHOM_ENTER
#undef FATHOM_ENTER_IF_OPEN
#undef FATHOM_ENTER_BY
#undef FATHOM_LEAVE

}  // namespace fathom::arch
