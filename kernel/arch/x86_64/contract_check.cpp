// Asserts that need no running: what assembly assumes, and that each contract is met.
//
// Owns:    nothing; it has no code.
// Context: compile time.

#include <concepts>
#include <cstddef>

#include <native/asm_offsets.h>
#include <arch/console.hpp>
#include <arch/context_switch.hpp>
#include <arch/cpu_local.hpp>
#include <arch/device_windows.hpp>
#include <arch/ipi.hpp>
#include <arch/irq.hpp>
#include <arch/panic_entry.hpp>
#include <arch/power.hpp>
#include <arch/stack_probe.hpp>
#include <arch/system_call.hpp>
#include <arch/thread_anchor.hpp>
#include <arch/timer.hpp>
#include <arch/tlb.hpp>
#include <arch/trap.hpp>
#include <arch/trap_frame.hpp>
#include <native/vectors.hpp>

namespace fathom::arch {

// CpuLocal, read through gs.
static_assert(offsetof(CpuLocal, self) == CPU_SELF);
static_assert(offsetof(CpuLocal, current) == CPU_CURRENT);
static_assert(offsetof(CpuLocal, context_word) == CPU_CONTEXT_WORD);
static_assert(CPU_CONTEXT_WORD == kContextWordOffset);
static_assert(offsetof(CpuLocal, index) == CPU_INDEX);
static_assert(offsetof(CpuLocal, page_fault_top) == CPU_PAGE_FAULT_TOP);
static_assert(offsetof(CpuLocal, debug_top) == CPU_DEBUG_TOP);
static_assert(offsetof(CpuLocal, panic_top) == CPU_PANIC_TOP);
static_assert(offsetof(CpuLocal, task_state) + offsetof(TaskState, interrupt_stacks) +
                  static_cast<std::size_t>(TrapStack::page_fault) * 8 ==
              CPU_PAGE_FAULT_SLOT);
static_assert(offsetof(CpuLocal, task_state) + offsetof(TaskState, interrupt_stacks) +
                  static_cast<std::size_t>(TrapStack::debug) * 8 ==
              CPU_DEBUG_SLOT);
static_assert(offsetof(CpuLocal, panic) == CPU_PANIC);
static_assert(offsetof(CpuLocal, caller_sp) == CPU_CALLER_SP);
static_assert(offsetof(CpuLocal, caller_pc) == CPU_CALLER_PC);

// TrapFrame, in the order of the pushes, and the resume record, which is one.
static_assert(offsetof(TrapFrame, r15) == FRAME_R15);
static_assert(offsetof(TrapFrame, r14) == FRAME_R14);
static_assert(offsetof(TrapFrame, r13) == FRAME_R13);
static_assert(offsetof(TrapFrame, r12) == FRAME_R12);
static_assert(offsetof(TrapFrame, rbp) == FRAME_RBP);
static_assert(offsetof(TrapFrame, rbx) == FRAME_RBX);
static_assert(offsetof(TrapFrame, r11) == FRAME_R11);
static_assert(offsetof(TrapFrame, rdi) == FRAME_RDI);
static_assert(offsetof(TrapFrame, rax) == FRAME_RAX);
static_assert(offsetof(TrapFrame, vector) == FRAME_VECTOR);
static_assert(offsetof(TrapFrame, context_word) == FRAME_CONTEXT_WORD);
static_assert(offsetof(TrapFrame, error_code) == FRAME_ERROR_CODE);
static_assert(offsetof(TrapFrame, rip) == FRAME_RIP);
static_assert(offsetof(TrapFrame, cs) == FRAME_CS);
static_assert(offsetof(TrapFrame, rflags) == FRAME_RFLAGS);
static_assert(offsetof(TrapFrame, rsp) == FRAME_RSP);
static_assert(offsetof(TrapFrame, ss) == FRAME_SS);
static_assert(sizeof(TrapFrame) == FRAME_SIZE);
static_assert(FRAME_SIZE % 16 == 0, "C++ is called with the frame's end on a multiple of 16");
static_assert(sizeof(ResumeRecord) == 176, "what a parked thread costs is part of a bar");
static_assert(TAG_CALLED_SWITCH >= kVectors && TAG_NEW_THREAD >= kVectors);

// PanicRegisters.
static_assert(offsetof(PanicRegisters, frame) == 0);
static_assert(offsetof(PanicRegisters, message) == PANIC_MESSAGE);
static_assert(offsetof(PanicRegisters, file) == PANIC_FILE);
static_assert(offsetof(PanicRegisters, line) == PANIC_LINE);
static_assert(offsetof(PanicRegisters, facts) == PANIC_FACTS);

// The record that count_entry in vectors.S leaves: rule 2, a trap's entry.
static_assert(SITE_TRAP_ENTRY == (2 << 4 | static_cast<int>(Turn::trap_entry)));
static_assert(SITE_SYSTEM_CALL == (3 << 4 | static_cast<int>(Turn::system_call)));
static_assert(kNoSystemCallStack == 1, "system_call.S tests and sets the low byte");
static_assert(kCalmBit == 1u << 31 && WORD_ONE_IRQ_DEPTH == 1u << 16);

// Trap stacks lie on multiples of 16 after entry has moved a slot.
static_assert(PAGE_FAULT_AREA % 16 == 0 && DEBUG_AREA % 16 == 0);

// The parts of the contracts that are native: here they are, with the types that were promised.
static_assert(std::same_as<decltype(this_cpu_index()), std::uint32_t>);
static_assert(std::same_as<decltype(current_thread_anchor()), ThreadAnchor*>);
static_assert(std::same_as<decltype(thread_begin()), bool>);
static_assert(std::same_as<decltype(irqs_enabled()), bool>);
static_assert(std::same_as<decltype(read_cycles()), std::uint64_t>);
static_assert(std::same_as<decltype(kTlbFlushReachesAllCpus), const bool>);

}  // namespace fathom::arch
