// What the compiler and the headers of its library call by name, where a hosted program would link
// libgcc, libc and libstdc++. Ours are built with the kernel's own flags, so that the prover can
// walk them like everything else.
//
// Owns:    memchr, the helpers that count, divide and shift, and the ends of failed library checks.
// Context: any; no state. Kernel only: a host test has the real ones.

#include <cstddef>
#include <cstdint>

#include <lib/assert.hpp>

extern "C" {

/// The first of `count` bytes at `from` that equals `value`, or null.
/// Context: any.
void* memchr(const void* from, int value, std::size_t count) {
    const auto* bytes = static_cast<const unsigned char*>(from);
    for (std::size_t i = 0; i < count; ++i) {
        if (bytes[i] == static_cast<unsigned char>(value)) {
            return const_cast<unsigned char*>(bytes + i);
        }
    }
    return nullptr;
}

/// std::popcount where the instruction set of the build has no instruction for it: sums in pairs,
/// in fours, in bytes; the multiplication adds the bytes up.
/// Context: any.
int __popcountdi2(std::uint64_t word) {
    word -= word >> 1 & 0x5555'5555'5555'5555;
    word = (word & 0x3333'3333'3333'3333) + (word >> 2 & 0x3333'3333'3333'3333);
    word = (word + (word >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
    return static_cast<int>(word * 0x0101'0101'0101'0101 >> 56);
}

/// Division of 128-bit integers, bit by bit: for set-up code only. Dividing by 0 gives all ones.
/// Context: any.
unsigned __int128 __udivti3(unsigned __int128 dividend, unsigned __int128 divisor) {
    unsigned __int128 quotient = 0;
    unsigned __int128 remainder = 0;
    for (int bit = 0; bit < 128; ++bit) {
        remainder = remainder << 1 | dividend >> 127;  // shifts by constants need no call
        dividend <<= 1;
        quotient <<= 1;
        if (remainder >= divisor) {
            remainder -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

/// `value` shifted up by 0 to 127 bits, in halves: with UBSan the compiler calls for what it writes
/// out otherwise.
/// Context: any.
unsigned __int128 __ashlti3(unsigned __int128 value, int bits) {
    auto low = static_cast<std::uint64_t>(value);
    auto high = static_cast<std::uint64_t>(value >> 64);
    if (bits >= 64) {
        high = low << (bits - 64);
        low = 0;
    } else if (bits != 0) {
        high = high << bits | low >> (64 - bits);
        low <<= bits;
    }
    return static_cast<unsigned __int128>(high) << 64 | low;
}

/// `value` shifted down by 0 to 127 bits, as __ashlti3() is up: at -Os for aarch64.
/// Context: any.
unsigned __int128 __lshrti3(unsigned __int128 value, int bits) {
    auto low = static_cast<std::uint64_t>(value);
    auto high = static_cast<std::uint64_t>(value >> 64);
    if (bits >= 64) {
        low = high >> (bits - 64);
        high = 0;
    } else if (bits != 0) {
        low = low >> bits | high << (64 - bits);
        high >>= bits;
    }
    return static_cast<unsigned __int128>(high) << 64 | low;
}

/// Boost's assertions end here.
/// Context: any.
[[noreturn]] void __assert_fail(const char* condition, const char* file, unsigned line,
                                const char*) {
    fathom::arch::leave_for_panic(condition, file, line, 0, 0);
}

/// Asked for by globals with a destructor. The kernel never runs one: power-off is its exit.
/// Context: any.
void* __dso_handle = nullptr;
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

}  // extern "C"

namespace std {

/// An index past the end of a std::string_view, and the like. Since GCC 13 the headers define it,
/// by the next; those before only declare it, so it stands here under its link name.
/// Context: any.
[[noreturn]] void index_out_of_range(const char* format,
                                     ...) __asm__("_ZSt24__throw_out_of_range_fmtPKcz");
[[noreturn]] void index_out_of_range(const char* format, ...) {
    fathom::arch::leave_for_panic(format, __FILE__, __LINE__, 0, 0);
}

/// Every failed check of the library's headers since GCC 13.
/// Context: any.
[[gnu::cold]] void terminate() noexcept {
    fathom::arch::leave_for_panic("a check of the standard library failed", __FILE__, __LINE__, 0,
                                  0);
}

}  // namespace std
