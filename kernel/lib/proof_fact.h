// Facts for the prover (tools/prove, docs/proof.md): what the code does that its bytes do not show.
//
// Each is a record of three words (kind, place, value) in the section .debug_prover, which like all
// debug sections is in the ELF file and not in memory: a fact costs no byte and no instruction.
// The prover believes no fact that it can check, and lists the rest.
//
// Owns:    the kinds of facts and classes of indirect calls; the assembler reads this file, too.
// Context: any.

#pragma once

#ifdef __ASSEMBLER__

// clang-format off
#define PROOF_CALL              1   // the next indirect call is of class `value`
#define PROOF_LOCK              4   // value 1: of a lock that interrupt handlers take, too
#define PROOF_MASK              6   // [place, value) opens and masks interrupts, a depth counted
#define PROOF_ENTRY_CODE        7   // [place, value): the entry's or exit's own mask and word
#define PROOF_STACK             8   // the instruction at `place` moves to another stack
#define PROOF_RETURN_FROM_TRAP  9   // [place, value) puts a frame back
#define PROOF_SWITCH           10   // the function parks its thread; value 1: and returns later
#define PROOF_END              12   // here this CPU stops for ever

// Values of PROOF_STACK, as sched/spawn.hpp's ThreadKind.
#define PROOF_LAZY_STACK        1
#define PROOF_TRAP_STACK        3
#define PROOF_SYSTEM_CALL_STACK 4

#define PROOF_CALL_AT           6   // classes that assembly calls: CallClass
#define PROOF_CALL_HOLDING      7
// clang-format on

        .macro  proof_fact kind, place, value=0
        .pushsection .debug_prover, "", %progbits
        .quad   \kind, \place, \value
        .popsection
        .endm

#else

#include <cstdint>

namespace fathom {

/// What a fact says. `place` is where it stands, unless it says otherwise.
enum class ProofFact : std::uint64_t {
    call = 1,             ///< the next indirect call is of class `value`
    target = 2,           ///< from here on the function `value` may be called indirectly
    table = 3,            ///< so may those whose addresses lie in the object at `place`. The class
                          ///< of calls stands above the low byte of these two.
    lock = 4,             ///< a spinlock is taken; value 1: one that interrupt handlers take, too
    unlock = 5,           ///< it is given back
    mask = 6,             ///< [place, value) opens and masks interrupts while a depth is counted
    entry_code = 7,       ///< [place, value) changes what only the way in and out may
    stack = 8,            ///< sp goes to another stack
    return_from_trap = 9, ///< [place, value) puts a frame back
    thread_switch = 10,   ///< the function parks its thread
    lazy_stacks = 11,     ///< value 1: application stacks are populated as they are touched
    end = 12,             ///< here this CPU stops for ever
};

/// Which functions an indirect call may reach: those registered for its class, no other.
enum class CallClass : std::uint64_t {
    timer = 1,       ///< sched/timer_queue.hpp: callbacks
    rcu = 2,         ///< sched/quiescence.hpp: deferred callbacks
    debug_trap = 3,  ///< sched/trap_dispatch.hpp: the observer
    kernel_test = 4, ///< tests/runner
    sweep = 5,       ///< tests/sweep: the operations
    call_at = 6,     ///< fathom_call_at()
    call_holding = 7,  ///< fathom_test_call_holding()
    inspection = 8,    ///< sched/trap_dispatch.hpp: the observer
    monitor = 9,       ///< main/monitor/command.hpp: the commands
    figures = 10,      ///< tests/figures: the groups
    system_call = 11,  ///< sched/system_call.cpp: the table
    crash = 255,     ///< wrong on purpose, the end of the kernel: no part of the proof
};

// One record; `place` is the label 774 before it.
#define FATHOM_PROOF_FACT(place)             \
    "774:\n"                                 \
    ".pushsection .debug_prover,\"?\"\n"     \
    ".quad %c[kind], " place ", %c[value]\n" \
    ".popsection\n"

// The same for the instructions between labels 775 and 776 of an asm block; `kind` is a literal.
#define FATHOM_PROOF_RANGE(kind)         \
    ".pushsection .debug_prover,\"?\"\n" \
    ".quad " kind ", 775b, 776b\n"       \
    ".popsection\n"
#define FATHOM_PROOF_MASK FATHOM_PROOF_RANGE("6")
#define FATHOM_PROOF_ENTRY_CODE FATHOM_PROOF_RANGE("7")

/// States a fact about this place.
/// Context: any; no instruction.
template <ProofFact kind, std::uint64_t value = 0>
[[gnu::always_inline]] inline void state_fact() {
    asm volatile(FATHOM_PROOF_FACT("774b")
                 :
                 : [kind] "i"(kind), [value] "i"(value));
}

/// Says of what class the next indirect call is.
/// Context: any; no instruction.
template <CallClass group>
[[gnu::always_inline]] inline void indirect_call_of() {
    state_fact<ProofFact::call, static_cast<std::uint64_t>(group)>();
}

/// Says that calls of class `group` may reach every function whose address lies in the object that
/// `begin` points to. `end_or_size`: where it ends, or how many bytes it has.
/// Context: any; no instruction.
template <CallClass group, auto begin, auto end_or_size>
[[gnu::always_inline]] inline void callable_table() {
    constexpr auto kind = static_cast<std::uint64_t>(ProofFact::table) |
                          static_cast<std::uint64_t>(group) << 8;
    asm volatile(FATHOM_PROOF_FACT("%c[begin]")
                 :
                 : [kind] "i"(kind), [value] "i"(end_or_size), [begin] "i"(begin));
}

/// The address of `function`, registered as a target of the calls of class `group`.
/// Context: any; no instruction but the address's.
template <CallClass group, auto function>
[[gnu::always_inline]] inline auto callable() {
#ifndef __PIE__  // host tests: nobody proves them
    constexpr auto kind = static_cast<std::uint64_t>(ProofFact::target) |
                          static_cast<std::uint64_t>(group) << 8;
    asm volatile(FATHOM_PROOF_FACT("774b") : : [kind] "i"(kind), [value] "i"(function));
#endif
    return function;
}

}  // namespace fathom

#endif
