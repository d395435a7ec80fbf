// aarch64: leaving for the panic stack by a branch, what is to be told in x0 to x4, the pc in x16.
//
// Owns:    leave_for_panic()'s instructions and PanicRegisters, which panic_entry.S fills.
// Story:   goes on in panic_entry.S.

#pragma once

#include <cstdint>

#include <native/trap_frame.hpp>

namespace fathom::arch {

/// What panic_entry saves and hands to handle_panic(). In `frame`, x0 to x4 and x16 are those of
/// the way out; the others are the failing code's. `message` and `file` are literals.
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
    register const char* x0 asm("x0") = message;
    register const char* x1 asm("x1") = file;
    register std::uint64_t x2 asm("x2") = line;
    register std::uint64_t x3 asm("x3") = first_fact;
    register std::uint64_t x4 asm("x4") = second_fact;
    asm volatile(
        "adr x16, .\n"
        "b fathom_panic_entry\n" ::"r"(x0),
        "r"(x1), "r"(x2), "r"(x3), "r"(x4)
        : "x16", "memory");
    __builtin_unreachable();
}

}  // namespace fathom::arch
