// memcpy, memmove, memset and memcmp: what the compiler calls without being asked.
//
// Word loops: on both architectures an unaligned word costs one instruction, and `rep movsb` counts
// one for each byte under -icount. The compiler must not recognise a loop here as the very function
// that it implements.
//
// Context: any.

#include <cstddef>
#include <cstdint>

#pragma GCC optimize("no-tree-loop-distribute-patterns")

namespace {

/// A word at any alignment, aliasing anything.
struct [[gnu::packed, gnu::may_alias]] Word {
    std::uint64_t value;
};
constexpr std::size_t kWord = sizeof(Word);

std::uint64_t load(const unsigned char* from) { return reinterpret_cast<const Word*>(from)->value; }
void store(unsigned char* to, std::uint64_t value) { reinterpret_cast<Word*>(to)->value = value; }

}  // namespace

extern "C" {

/// Copies `count` bytes; the areas must not overlap.
/// Context: any.
void* memcpy(void* __restrict to, const void* __restrict from, std::size_t count) {
    auto* target = static_cast<unsigned char*>(to);
    const auto* source = static_cast<const unsigned char*>(from);
    for (; count >= 4 * kWord; count -= 4 * kWord, target += 4 * kWord, source += 4 * kWord) {
        store(target, load(source));
        store(target + kWord, load(source + kWord));
        store(target + 2 * kWord, load(source + 2 * kWord));
        store(target + 3 * kWord, load(source + 3 * kWord));
    }
    for (; count >= kWord; count -= kWord, target += kWord, source += kWord) {
        store(target, load(source));
    }
    for (; count > 0; --count) {
        *target++ = *source++;
    }
    return to;
}

/// Copies `count` bytes; the areas may overlap.
/// Context: any.
void* memmove(void* to, const void* from, std::size_t count) {
    auto* target = static_cast<unsigned char*>(to);
    const auto* source = static_cast<const unsigned char*>(from);
    if (reinterpret_cast<std::uintptr_t>(target) - reinterpret_cast<std::uintptr_t>(source) >=
        count) {
        // Upwards is safe: no byte is written before it has been read.
        for (; count >= kWord; count -= kWord, target += kWord, source += kWord) {
            store(target, load(source));
        }
        for (; count > 0; --count) {
            *target++ = *source++;
        }
        return to;
    }
    for (; count >= kWord; count -= kWord) {
        store(target + count - kWord, load(source + count - kWord));
    }
    for (; count > 0; --count) {
        target[count - 1] = source[count - 1];
    }
    return to;
}

/// Sets `count` bytes to the low byte of `value`.
/// Context: any.
void* memset(void* to, int value, std::size_t count) {
    auto* target = static_cast<unsigned char*>(to);
    const auto byte = static_cast<unsigned char>(value);
    const std::uint64_t word = 0x0101'0101'0101'0101ull * byte;
    for (; count >= 4 * kWord; count -= 4 * kWord, target += 4 * kWord) {
        store(target, word);
        store(target + kWord, word);
        store(target + 2 * kWord, word);
        store(target + 3 * kWord, word);
    }
    for (; count >= kWord; count -= kWord, target += kWord) {
        store(target, word);
    }
    for (; count > 0; --count) {
        *target++ = byte;
    }
    return to;
}

/// Compares as unsigned bytes: below, above or equal to zero.
/// Context: any.
int memcmp(const void* left, const void* right, std::size_t count) {
    const auto* a = static_cast<const unsigned char*>(left);
    const auto* b = static_cast<const unsigned char*>(right);
    for (; count >= kWord && load(a) == load(b); count -= kWord, a += kWord, b += kWord) {
    }
    for (; count > 0; --count, ++a, ++b) {
        if (*a != *b) {
            return *a < *b ? -1 : 1;
        }
    }
    return 0;
}

/// The length of a C string: asked for by std::string_view's constructor.
/// Context: any.
std::size_t strlen(const char* text) {
    std::size_t length = 0;
    while (text[length] != '\0') {
        ++length;
    }
    return length;
}

}  // extern "C"
