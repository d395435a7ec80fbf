// aarch64: dc zva, where the CPU says that it clears 64 bytes.

#pragma once

#include <cstdint>

namespace fathom::arch {

// DCZID_EL0: bits 3..0 are log2 of the block in 4-byte words, bit 4 forbids the instruction (Arm
// ARM, D19.2.38). On a CPU with other blocks stp clears the page.
[[gnu::always_inline]] inline void zero_page(void* page) {
    std::uint64_t at = reinterpret_cast<std::uint64_t>(page);
    const std::uint64_t end = at + 4096;
    std::uint64_t id;
    asm volatile("mrs %0, dczid_el0" : "=r"(id));
    if (id == 4) [[likely]] {  // not forbidden, and a block of 64 bytes
        do {
            asm volatile(
                ".rept 16\n"
                "dc zva, %0\n"
                "add %0, %0, #64\n"
                ".endr\n"
                : "+r"(at)
                :
                : "memory");
        } while (at != end);
        return;
    }
    for (; at != end; at += 16) {
        asm volatile("stp xzr, xzr, [%0]" : : "r"(at) : "memory");
    }
}

}  // namespace fathom::arch
