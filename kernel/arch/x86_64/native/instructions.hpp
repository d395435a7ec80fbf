// x86_64: instructions that C++ has no words for, one function each.
//
// Owns:    port I/O, model-specific registers, CPUID, control registers.
// Context: any.

#pragma once

#include <cstdint>

#include <lib/proof_fact.h>

namespace fathom::arch {

inline void write_port8(std::uint16_t port, std::uint8_t value) {
    asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}
inline void write_port16(std::uint16_t port, std::uint16_t value) {
    asm volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}
inline std::uint8_t read_port8(std::uint16_t port) {
    std::uint8_t value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

inline std::uint64_t read_msr(std::uint32_t number) {
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
    return static_cast<std::uint64_t>(high) << 32 | low;
}
inline void write_msr(std::uint32_t number, std::uint64_t value) {
    asm volatile("wrmsr"
                 :
                 : "a"(static_cast<std::uint32_t>(value)),
                   "d"(static_cast<std::uint32_t>(value >> 32)), "c"(number)
                 : "memory");
}
inline constexpr std::uint32_t kMsrApicBase = 0x1b;
// Where the CPU's own data lies, and the context word in it.
inline void write_gs_base(std::uint64_t address) {
    asm volatile("775: wrmsr\n"
                 "776:\n" FATHOM_PROOF_ENTRY_CODE
                 :
                 : "a"(static_cast<std::uint32_t>(address)),
                   "d"(static_cast<std::uint32_t>(address >> 32)), "c"(0xc000'0101)
                 : "memory");
}
// What the instruction for a system call does (SDM vol. 3A, 5.8.8).
inline constexpr std::uint32_t kMsrCallSegments = 0xc000'0081;
inline constexpr std::uint32_t kMsrCallEntry = 0xc000'0082;
inline constexpr std::uint32_t kMsrCallClearedFlags = 0xc000'0084;

/// The local APIC id that this CPU had at reset: CPUID leaf 1, EBX bits 31-24.
inline std::uint32_t initial_apic_id() {
    std::uint32_t a = 1;
    std::uint32_t b;
    std::uint32_t c = 0;
    std::uint32_t d;
    asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return b >> 24;
}

/// The address of the last page fault.
inline std::uint64_t read_fault_address() {
    std::uint64_t address;
    asm volatile("movq %%cr2, %0" : "=r"(address));
    return address;
}
inline std::uint64_t read_debug_status() {
    std::uint64_t status;
    asm volatile("movq %%dr6, %0" : "=r"(status));
    return status;
}
inline void write_debug_status(std::uint64_t status) {
    asm volatile("movq %0, %%dr6" : : "r"(status));
}

}  // namespace fathom::arch
