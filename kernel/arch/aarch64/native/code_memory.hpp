// aarch64: the data cache is cleaned, then the instruction cache invalidated, to the point where
// the two see the same memory (Arm ARM, B2.4).

#pragma once

#include <cstddef>
#include <cstdint>

namespace fathom::arch {

// The fields of CTR_EL0 (Arm ARM) that say how, and whether it is needed at all.
struct CacheType {
    std::uint64_t bits;

    /// Of the smallest line of any cache; the field counts words of four bytes.
    constexpr std::uint64_t data_line() const { return 4ull << (bits >> 16 & 15); }
    constexpr std::uint64_t instruction_line() const { return 4ull << (bits & 15); }
    /// IDC: instructions are fetched where data caches already are; no cleaning.
    constexpr bool data_is_coherent() const { return (bits >> 28 & 1) != 0; }
    /// DIC: instruction caches follow by themselves; no invalidation.
    constexpr bool instructions_are_coherent() const { return (bits >> 29 & 1) != 0; }
    /// L1Ip: physically tagged and indexed. Another kind may hold a line under several addresses,
    /// and invalidating it by one leaves the others.
    constexpr bool has_no_aliases() const { return (bits >> 14 & 3) == 3; }
};

[[gnu::always_inline]] inline CacheType cache_type() {
    CacheType type;
    asm volatile("mrs %0, ctr_el0" : "=r"(type.bits));
    return type;
}

// dc cvau: to the point of unification; dsb ish: the stores, and the cleaning, are done before what
// follows; ic: in the caches of all CPUs of the inner shareable domain; dsb ish: that is done; isb:
// and so it is for what this CPU has fetched. With IDC the first dsb stays, for the stores; with
// DIC the isb. TCG keeps its translations coherent by itself: only hardware shows what is missing.
[[gnu::always_inline]] inline void publish_code(const void* begin, std::size_t bytes) {
    const CacheType type = cache_type();
    const std::uint64_t first = reinterpret_cast<std::uint64_t>(begin);
    const std::uint64_t end = first + bytes;
    if (!type.data_is_coherent()) {
        const std::uint64_t line = type.data_line();
        for (std::uint64_t at = first & ~(line - 1); at < end; at += line) {
            asm volatile("dc cvau, %0" ::"r"(at) : "memory");
        }
    }
    asm volatile("dsb ish" ::: "memory");
    if (!type.instructions_are_coherent()) {
        const std::uint64_t line = type.instruction_line();
        if (!type.has_no_aliases()) {
            asm volatile("ic ialluis" ::: "memory");
        } else {
            for (std::uint64_t at = first & ~(line - 1); at < end; at += line) {
                asm volatile("ic ivau, %0" ::"r"(at) : "memory");
            }
        }
        asm volatile("dsb ish" ::: "memory");
    }
    asm volatile("isb" ::: "memory");
}

}  // namespace fathom::arch
