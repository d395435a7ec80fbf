// Why the kernel ends, in one struct, whichever way the news came.
//
// A failed check arrives in registers (arch/panic_entry.hpp). A trap that ends in a report is noted
// per CPU by panic/report.cpp on the trap stack, before it leaves for the panic stack as well.
//
// Owns:    PanicCause.
// Context: the panicking CPU, its panic stack.

#pragma once

#include <cstdint>

#include <arch/panic_entry.hpp>
#include <arch/trap.hpp>
#include <context/context_word.hpp>

namespace fathom {

enum class PanicKind : std::uint8_t {
    failed_check,    ///< ASSERT, PANIC, UBSan, a rule that the invariants found false
    broken_rule,     ///< a stack fault in an atomic section
    stack_overflow,  ///< the gap below a stack was touched
    wild_access,     ///< a fault that has nothing to do with stacks
    dead_stack,      ///< the stack of a thread that has ended
    fatal_trap,      ///< everything that is no page fault
};

/// What is known. Pointers are to the trap stack or the panic stack, which both stay as they are.
struct PanicCause {
    PanicKind kind = PanicKind::failed_check;
    const arch::TrapFrame* frame = nullptr;  ///< the code that failed
    const arch::TrapFrame* outer = nullptr;  ///< of a trap that was being handled, or null
    FaultInfo fault{};                       ///< of the four kinds in the middle
    FatalTrap trap{};                        ///< of a fatal_trap
    std::uint64_t code = 0;                  ///< of a fatal_trap: the raw error code or ESR
    const char* message = "";                ///< of a failed check; with up to two "{}"
    const char* file = "";
    std::uint64_t line = 0;
    std::uint64_t facts[2] = {};

    bool is_page_fault() const {
        return kind != PanicKind::failed_check && kind != PanicKind::fatal_trap;
    }
    ContextWord context_word() const { return ContextWord(arch::frame_context_word(*frame)); }
};

/// The rule that a failed check is about, from its message ("rule 3 stated ..."); 0 for none.
unsigned rule_of(const PanicCause& cause);

}  // namespace fathom
