// aarch64: a thread knows its CPU; there is no per-CPU register to keep beside TPIDR_EL1.

#pragma once

namespace fathom::arch {

// A load each time: an atomic caller's answer cannot change, but two atomic sections may differ.
// Volatile, since GCC forms the address of an atomic load in a register of its own.
[[gnu::always_inline]] inline std::uint32_t this_cpu_index() {
    return *static_cast<const volatile std::uint32_t*>(&current_thread_anchor()->cpu_index);
}

/// For each CPU the tops of its trap stacks, which the vectors and fathom_resume read. Written by
/// init_cpu(); each CPU reads its own entry.
struct TrapStackTops {
    std::uint64_t traps;
    std::uint64_t panic;
};
extern "C" TrapStackTops fathom_trap_stack_tops[kMaxCpus];

}  // namespace fathom::arch
