// Assertions that are always on, and the way out when the kernel cannot go on.
//
// Owns:    ASSERT, PANIC, unreachable().
// Context: any. A failing assertion leaves for the panic stack by a jump, so it costs the stack
//          that it was found on nothing: the checker must not hide the fault that it looks for.
// Story:   goes on in arch/panic_entry.hpp, then panic/panic.cpp. On the host it aborts.

#pragma once

#include <cstdint>

#include <arch/panic_entry.hpp>

namespace fathom {

/// A value as a fact of a panic: integers and enums as they are, pointers by address.
template <typename T>
constexpr std::uint64_t panic_fact(T value) {
    if constexpr (__is_enum(T)) {
        return static_cast<std::uint64_t>(value);
    } else if constexpr (requires { value.value; }) {
        return static_cast<std::uint64_t>(value.value);
    } else {
        return (std::uint64_t)value;  // pointers and integers alike
    }
}

[[noreturn, gnu::always_inline]] inline void unreachable(
    const char* why = "reached the unreachable", const char* file = __builtin_FILE(),
    int line = __builtin_LINE()) {
    arch::leave_for_panic(why, file, static_cast<std::uint64_t>(line), 0, 0);
}

}  // namespace fathom

/// Ends the kernel with `message` and up to two facts (integers, pointers, addresses). `message` is
/// a literal; a "{}" in it is replaced by the facts in turn, in hexadecimal.
/// Context: any.
#define PANIC(message, ...) FATHOM_PANIC_PICK(message __VA_OPT__(, ) __VA_ARGS__, 0, 0)
#define FATHOM_PANIC_PICK(message, first, second, ...)                                 \
    ::fathom::arch::leave_for_panic(message, __FILE__, static_cast<std::uint64_t>(__LINE__), \
                                    ::fathom::panic_fact(first), ::fathom::panic_fact(second))

/// Always on. `message` states the rule in words; up to two facts say what broke it.
/// Context: any. Uses no stack of its own.
#define ASSERT(condition, message, ...)                    \
    do {                                                   \
        if (!(condition)) [[unlikely]] {                   \
            PANIC(message __VA_OPT__(, ) __VA_ARGS__);     \
        }                                                  \
    } while (false)
