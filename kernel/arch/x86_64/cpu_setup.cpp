// What a CPU needs to take a trap: a gs base, descriptor tables, and stacks that are never the
// thread's own.
//
// It comes in two steps. early_cpu_setup() does everything, with static makeshift stacks, before
// any other code of the kernel runs, so that the earliest fault is reported. init_cpu() then puts
// in the CPU's own guarded stacks: the CPU reads the TSS anew at every trap, so that is all it
// takes.
//
// Owns:    cpu_locals, adopt_boot_thread(), init_cpu(), trap_stack_info().
// Context: interrupts off.

#include <arch/cpu_local.hpp>

#include <arch/stack_probe.hpp>
#include <arch/system_call.hpp>
#include <build_options.hpp>
#include <native/idt.hpp>
#include <native/instructions.hpp>
#include <native/legacy_pic.hpp>
#include <native/local_apic.hpp>
#include <native/local_timer.hpp>

namespace fathom::arch {

constinit CpuLocal cpu_locals[kMaxCpus] = {};

namespace {

/// Instrumented code has larger frames.
constexpr std::size_t kFactor = kHardened ? 2 : 1;
constexpr TrapStackInfo kTrapStackInfo[kTrapStacks] = {
    {"page fault", PAGE_FAULT_AREA + KiB(8) * kFactor},
    {"double fault", KiB(8) * kFactor},
    {"nmi", KiB(8) * kFactor},
    {"machine check", KiB(8) * kFactor},
    {"debug", DEBUG_AREA + KiB(8) * kFactor},
    {"interrupts", KiB(16) * kFactor},
    {"other traps", KiB(16) * kFactor},
    {"panic", KiB(16) * kFactor},
};

// Until init_cpu(): shared by all CPUs, since a trap that early ends the kernel anyway. One for
// what arrives first, one for what its report may raise, one for the report.
constexpr std::size_t kEarlyStackBytes = PAGE_FAULT_AREA + KiB(8);
alignas(16) constinit std::byte early_page_fault_stack[kEarlyStackBytes] = {};
alignas(16) constinit std::byte early_trap_stack[kEarlyStackBytes] = {};
alignas(16) constinit std::byte early_panic_stack[kEarlyStackBytes] = {};

VirtAddr top_of(const std::byte (&stack)[kEarlyStackBytes]) {
    return VirtAddr::of(stack) + kEarlyStackBytes;
}

void set_trap_stacks(CpuLocal& cpu, const VirtAddr (&tops)[kTrapStacks]) {
    for (std::size_t i = 0; i < kInterruptStackSlots; ++i) {
        cpu.task_state.interrupt_stacks[i] = tops[i].value;
    }
    cpu.page_fault_top = tops[static_cast<unsigned>(TrapStack::page_fault)].value;
    cpu.debug_top = tops[static_cast<unsigned>(TrapStack::debug)].value;
    cpu.panic_top = tops[static_cast<unsigned>(TrapStack::panic)].value;
}

/// The two words of a TSS descriptor (SDM vol. 3A, 7.2.3).
void set_task_descriptor(std::uint64_t* descriptor, const TaskState& task_state) {
    constexpr std::uint64_t kPresentAvailable = 0x89;
    const auto base = reinterpret_cast<std::uint64_t>(&task_state);
    descriptor[0] = (sizeof(TaskState) - 1) | (base & 0xff'ffff) << 16 | kPresentAvailable << 40 |
                    (base >> 24 & 0xff) << 56;
    descriptor[1] = base >> 32;
}

// boot/ and secondary_start.S run with the same selectors for code and data, so the CPU's copies of
// those descriptors stay right.
void load_descriptors(CpuLocal& cpu) {
    cpu.descriptors = {{0, DESCRIPTOR_CODE, DESCRIPTOR_DATA, 0, 0}};
    set_task_descriptor(&cpu.descriptors.entries[SELECTOR_TSS / 8], cpu.task_state);
    const TablePointer pointer{.limit = sizeof cpu.descriptors - 1,
                               .base = reinterpret_cast<std::uint64_t>(&cpu.descriptors)};
    asm volatile("lgdt %0" : : "m"(pointer));
    asm volatile("ltr %w0" : : "r"(SELECTOR_TSS) : "memory");
}

}  // namespace

std::size_t trap_stack_count() { return kTrapStacks; }
TrapStackInfo trap_stack_info(std::size_t index) { return kTrapStackInfo[index]; }

void early_cpu_setup(std::uint32_t index, ThreadAnchor* current) {
    CpuLocal& cpu = cpu_locals[index];
    cpu.self = &cpu;
    cpu.current = current;
    cpu.context_word = static_cast<std::uint32_t>(kCalmBit) | WORD_ONE_IRQ_DEPTH;
    cpu.index = index;
    cpu.apic_id = initial_apic_id();
    cpu.task_state.io_map_offset = sizeof(TaskState);
    const VirtAddr other = top_of(early_trap_stack);
    set_trap_stacks(cpu, {top_of(early_page_fault_stack), other, other, other, other, other, other,
                          top_of(early_panic_stack)});
    if (index == 0) {
        fill_idt();
        silence_legacy_pics();
    }
    load_descriptors(cpu);
    load_idt();
    write_gs_base(reinterpret_cast<std::uint64_t>(&cpu));
    init_system_calls();
}

void adopt_boot_thread(ThreadAnchor& boot_thread) { this_cpu_local().current = &boot_thread; }

void init_cpu(std::uint32_t index, HardwareCpuId id, ThreadAnchor& idle, const VirtAddr* tops) {
    CpuLocal& cpu = cpu_locals[index];
    cpu.current = &idle;
    cpu.apic_id = static_cast<std::uint32_t>(id);
    VirtAddr own[kTrapStacks];
    for (std::size_t i = 0; i < kTrapStacks; ++i) {
        own[i] = tops[i];
    }
    set_trap_stacks(cpu, own);
    init_local_apic();
    init_local_timer();
}

}  // namespace fathom::arch
