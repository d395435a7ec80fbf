// System registers by name.
//
// Owns:    FATHOM_READ_REGISTER and FATHOM_WRITE_REGISTER. A name is one token that the assembler
//          knows: midr_el1, or s3_0_c12_c12_0 for what it does not.
// Context: any.

#pragma once

#include <cstdint>

#define FATHOM_READ_REGISTER(name)                           \
    ({                                                       \
        std::uint64_t fathom_value;                          \
        asm volatile("mrs %0, " #name : "=r"(fathom_value)); \
        fathom_value;                                        \
    })

#define FATHOM_WRITE_REGISTER(name, value) \
    asm volatile("msr " #name ", %0" ::"r"(static_cast<std::uint64_t>(value)) : "memory")

namespace fathom::arch {

/// Makes what was written to system registers before count for every instruction after.
inline void synchronize_instructions() { asm volatile("isb" ::: "memory"); }

}  // namespace fathom::arch
