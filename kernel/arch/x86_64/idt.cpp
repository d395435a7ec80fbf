// The interrupt descriptor table: one for all CPUs, since its gates name stacks by IST number and
// each CPU's TSS says which stack that is.
//
// Owns:    the IDT.
// Context: boot CPU, once; constant afterwards.
// Story:   every gate leads to vectors.S.

#include <native/idt.hpp>

#include <native/asm_offsets.h>
#include <native/task_state.hpp>
#include <native/vectors.hpp>

extern "C" {
void fathom_page_fault_gate();
void fathom_debug_gate();
void fathom_vector_stubs();  // 256 stubs, kStubBytes apart
}

namespace fathom::arch {
namespace {

constexpr std::uint64_t kStubBytes = 16;

/// A gate (SDM vol. 3A, 6.14.1).
struct Gate {
    std::uint16_t offset_low;
    std::uint16_t selector;
    std::uint8_t stack;  ///< IST number, 1 to 7: never 0, which would be the interrupted stack
    std::uint8_t type;
    std::uint16_t offset_middle;
    std::uint32_t offset_high;
    std::uint32_t reserved;
};
static_assert(sizeof(Gate) == 16);

/// Present, 64-bit interrupt gate: interrupts are off on arrival.
constexpr std::uint8_t kInterruptGate = 0x8e;

alignas(16) constinit Gate gates[kVectors] = {};

TrapStack stack_of(std::uint32_t vector) {
    switch (vector) {
    case kPageFaultVector: return TrapStack::page_fault;
    case kDoubleFaultVector: return TrapStack::double_fault;
    case kNmiVector: return TrapStack::nmi;
    case kMachineCheckVector: return TrapStack::machine_check;
    case kDebugVector: return TrapStack::debug;
    default: return vector >= kFirstInterruptVector ? TrapStack::interrupts : TrapStack::other;
    }
}

std::uint64_t entry_of(std::uint32_t vector) {
    switch (vector) {
    case kPageFaultVector: return reinterpret_cast<std::uint64_t>(&fathom_page_fault_gate);
    case kDebugVector: return reinterpret_cast<std::uint64_t>(&fathom_debug_gate);
    default: return reinterpret_cast<std::uint64_t>(&fathom_vector_stubs) + vector * kStubBytes;
    }
}

}  // namespace

void fill_idt() {
    for (std::uint32_t vector = 0; vector < kVectors; ++vector) {
        const std::uint64_t entry = entry_of(vector);
        gates[vector] = {
            .offset_low = static_cast<std::uint16_t>(entry),
            .selector = SELECTOR_CODE,
            .stack = static_cast<std::uint8_t>(static_cast<unsigned>(stack_of(vector)) + 1),
            .type = kInterruptGate,
            .offset_middle = static_cast<std::uint16_t>(entry >> 16),
            .offset_high = static_cast<std::uint32_t>(entry >> 32),
            .reserved = 0};
    }
}

void load_idt() {
    const TablePointer pointer{.limit = sizeof gates - 1,
                               .base = reinterpret_cast<std::uint64_t>(gates)};
    asm volatile("lidt %0" : : "m"(pointer));
}

}  // namespace fathom::arch
