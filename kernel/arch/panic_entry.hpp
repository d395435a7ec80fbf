// Contract: how code that cannot go on leaves for the panic stack.
//
// Owns:    leave_for_panic(). It counts as part of lib: lib/assert.hpp is built on it.
// Story:   comes from ASSERT and PANIC; native/panic_entry.hpp jumps to panic_entry (assembly: all
//          registers saved, panic stack taken), which calls handle_panic in panic/panic.cpp.

#pragma once

#include <cstdint>

namespace fathom::arch {

/// Jumps to the panic stack with everything that the report needs in registers; pushes nothing and
/// calls nothing, so a failed check costs the stack that it checks no byte.
/// Context: any.
[[noreturn]] inline void leave_for_panic(const char* message, const char* file, std::uint64_t line,
                                         std::uint64_t first_fact, std::uint64_t second_fact);

}  // namespace fathom::arch

#include <native/panic_entry.hpp>
