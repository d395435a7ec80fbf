// What -fstack-protector-strong needs: the canary, and where a broken one ends.
//
// Owns:    __stack_chk_guard, __stack_chk_fail (hardened builds; elsewhere the linker drops them).
// Context: any.

#include <cstdint>

#include <lib/assert.hpp>

/// A fixed value, so that the same run twice is the same run; its zero byte stops string copies.
extern "C" constinit const std::uint64_t __stack_chk_guard;
extern "C" constinit const std::uint64_t __stack_chk_guard = 0xb8d1'5c6e'73a9'f400;

/// A function found its canary changed on return: something wrote past the end of an array in its
/// frame. The frame is not to be trusted, so nothing returns into it.
/// Context: any.
extern "C" [[noreturn]] void __stack_chk_fail() {
    PANIC("stack protector: an array in the frame of {} was written past its end",
          __builtin_return_address(0));
}
