// x86_64: leaving for the panic stack without a push.
//
// Owns:    PanicRegisters, leave_for_panic().
// Context: any.
// Story:   jumps to panic_entry.S, which calls handle_panic() in panic/panic.cpp.

#pragma once

#include <cstdint>

#include <native/trap_frame.hpp>

namespace fathom::arch {

/// What a failed check leaves for the report. The frame is like a trap's, with rip at the check;
/// rdi, rsi, rdx, rcx, r8 and r9 held the arguments below and are lost, and RFLAGS.IF is what the
/// context word says, since `cli` came before a push was possible. Both architectures use these
/// names.
struct PanicRegisters {
    TrapFrame frame;
    const char* message;
    const char* file;
    std::uint64_t line;
    std::uint64_t facts[2];
};

[[noreturn, gnu::always_inline]] inline void leave_for_panic(const char* message, const char* file,
                                                             std::uint64_t line,
                                                             std::uint64_t first_fact,
                                                             std::uint64_t second_fact) {
    register std::uint64_t fact asm("r8") = second_fact;
    asm volatile(
        "leaq 0f(%%rip), %%r9\n"
        "0: jmp fathom_panic_entry"
        :
        : "D"(message), "S"(file), "d"(line), "c"(first_fact), "r"(fact)
        : "r9");
    __builtin_unreachable();
}

}  // namespace fathom::arch

namespace fathom {
/// Upcall: defined in panic/panic.cpp. `registers` is this CPU's own copy; a panic inside the
/// report arrives here again, on the same stack from its top.
/// Context: panic stack, interrupts off and counted.
extern "C" [[noreturn]] void handle_panic(const arch::PanicRegisters& registers);
}  // namespace fathom
