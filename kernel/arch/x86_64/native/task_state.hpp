// x86_64: the structures that the CPU reads to find its stacks and segments.
//
// Owns:    TaskState (the TSS), DescriptorTable (the GDT), TrapStack (what arrives on which IST).
// Context: any; plain data. SDM vol. 3A, 3.4.5 and 7.7.

#pragma once

#include <cstddef>
#include <cstdint>

namespace fathom::arch {

/// The trap stacks of a CPU. The first seven are IST 1 to 7; the panic stack is the kernel's own.
enum class TrapStack : std::uint8_t {
    page_fault,
    double_fault,
    nmi,
    machine_check,
    debug,
    interrupts,
    other,
    panic,
};
inline constexpr std::size_t kTrapStacks = 8;
inline constexpr std::size_t kInterruptStackSlots = 7;

/// The 64-bit task-state segment: of no use but to hold the stack that each gate switches to.
struct [[gnu::packed]] TaskState {
    std::uint32_t reserved0 = 0;
    std::uint64_t privilege_stacks[3] = {};
    std::uint64_t reserved1 = 0;
    std::uint64_t interrupt_stacks[kInterruptStackSlots] = {};  ///< IST 1 to 7
    std::uint64_t reserved2 = 0;
    std::uint16_t reserved3 = 0;
    std::uint16_t io_map_offset = 0;  ///< sizeof(TaskState) while it is used: no I/O map
};
static_assert(sizeof(TaskState) == 104);

/// Null, code, data, and a TSS descriptor of two entries.
struct DescriptorTable {
    std::uint64_t entries[5];
};

/// What lgdt and lidt take.
struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

}  // namespace fathom::arch
