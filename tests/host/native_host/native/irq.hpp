// Host: interrupts are what the context word says they are; nothing ever arrives.

#pragma once

#include <cstdint>
#include <thread>

#include <arch/stack_probe.hpp>

namespace fathom::arch {

inline bool irqs_enabled() { return (read_context_word() >> 16 & 0x7fff) == 0; }
inline void wait_for_interrupt() { std::this_thread::yield(); }
inline void spin_hint() { std::this_thread::yield(); }
inline void increment_release(std::uint32_t& word, std::uint32_t old) {
    __atomic_store_n(&word, old + 1, __ATOMIC_RELEASE);
}

}  // namespace fathom::arch
