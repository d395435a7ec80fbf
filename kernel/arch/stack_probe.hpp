// Contract: touch the stack ahead and become atomic, in one piece that nothing can come between.
//
// Owns:    enter_atomic() and leave_atomic(), the only code that changes the context word and the
//          CPU's interrupt mask, and the site record that each copy of it leaves behind.
// Context: only context/atomic_scope.hpp may call these (tools/check_style says so).
// Story:   comes from a guard's constructor; the policy has chosen `touch`; the instructions stand
//          in native/stack_probe.hpp.

#pragma once

#include <cstdint>

namespace fathom::arch {

struct ThreadAnchor;

/// What a site turns off or on again; the low four bits of a site record's `rule_and_turn`.
enum class Turn : std::uint8_t {
    preempt_off = 1,
    preempt_on = 2,
    irqs_off = 3,
    irqs_on = 4,
    trap_entry = 5,    ///< the interrupt depth that the hardware's own masking is counted as
    thread_start = 6,  ///< a new thread, born atomic, becomes preemptible
    api_boundary = 7,  ///< no change: here a C interface claims to be preemptible
    system_call = 8,   ///< interrupts that the hardware masked for a system call are on again
};

/// How the stack is touched before the section.
enum class Touch : std::uint8_t {
    never,
    always,          ///< one load at sp - window
    if_preemptible,  ///< the load only if the context word says that both are on
    if_open,         ///< the load only if the CPU's mask is open and then the word says so, too
};

/// Where leaving a section may lead.
enum class Leave : std::uint8_t {
    nested,     ///< the section lies inside another: never a reschedule
    outermost,  ///< afterwards both are on (rule 4)
    unknown,    ///< decided at run time
};

/// Touches as told, then turns preemption (Turn::preempt_off) or interrupts (Turn::irqs_off) off
/// and counts it. One asm block with a memory clobber. `window` is in bytes, 0 to 4096; `rule` 1 to
/// 5. Leaves a site record (context/site.hpp). Always inlined.
template <Turn turn, Touch touch, unsigned window, unsigned rule>
inline void enter_atomic();

/// The way back: Turn::preempt_on or Turn::irqs_on. Interrupts are opened when their depth becomes
/// zero. True if a reschedule is pending and the caller is preemptible now; never with
/// Leave::nested. Leaves a site record. Always inlined.
template <Turn turn, Leave leave, unsigned rule>
[[nodiscard]] inline bool leave_atomic();

/// Records a claim without doing anything (Turn::api_boundary).
template <unsigned rule>
inline void record_api_boundary();

/// The live context word of the running CPU (x86_64) or thread (aarch64); see
/// context/context_word.hpp for its bits. One load.
inline std::uint64_t read_context_word();

/// Asks the running CPU to reschedule when it next becomes preemptible.
/// Context: atomic, so that "the running CPU" stays the same.
inline void set_reschedule_pending();
/// Takes that back. `current` is the running thread's anchor, which the caller has at hand.
/// Context: atomic.
inline void clear_reschedule_pending(ThreadAnchor& current);

/// The stack pointer as it is here.
inline std::uint64_t stack_pointer();

/// The bit of the context word that is SET while no reschedule is pending (inverted, so that one
/// test against zero says "preemptible and somebody waits").
// inline constexpr std::uint64_t kCalmBit: in native/stack_probe.hpp.

}  // namespace fathom::arch

#include <native/stack_probe.hpp>
