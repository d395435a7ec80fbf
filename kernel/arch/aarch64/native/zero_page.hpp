// aarch64: dc zva, in blocks of the size that the CPU states.

#pragma once

#include <cstdint>

namespace fathom::arch {

// DCZID_EL0: bits 3..0 are log2 of the block in 4-byte words, bit 4 forbids the instruction (Arm
// ARM, D19.2.38). Allowed and at most a page on everything that QEMU has; stp covers the rest.
[[gnu::always_inline]] inline void zero_page(void* page) {
    std::uint64_t at = reinterpret_cast<std::uint64_t>(page);
    const std::uint64_t end = at + 4096;
    std::uint64_t id;
    asm volatile("mrs %0, dczid_el0" : "=r"(id));
    if (id <= 10) [[likely]] {  // not forbidden, and a block of at most 4096 bytes
        const std::uint64_t block = std::uint64_t{4} << id;
        do {
            asm volatile("dc zva, %0" : : "r"(at) : "memory");
            at += block;
        } while (at != end);
        return;
    }
    for (; at != end; at += 16) {
        asm volatile("stp xzr, xzr, [%0]" : : "r"(at) : "memory");
    }
}

}  // namespace fathom::arch
