// What assembly believes of C++, and what the contracts ask of this architecture: checked here,
// when this file compiles.
//
// Owns:    no code.

#include <native/asm_offsets.h>
#include <arch/console.hpp>
#include <arch/context_switch.hpp>
#include <arch/cpu_local.hpp>
#include <arch/device_windows.hpp>
#include <arch/image.hpp>
#include <arch/ipi.hpp>
#include <arch/irq.hpp>
#include <arch/panic_entry.hpp>
#include <arch/power.hpp>
#include <arch/stack_probe.hpp>
#include <arch/system_call.hpp>
#include <arch/timer.hpp>
#include <arch/tlb.hpp>
#include <arch/trap.hpp>
#include <native/memory_attributes.hpp>

#include "smp.hpp"

namespace fathom::arch {

#define FATHOM_OFFSET(type, member, expected) \
    static_assert(__builtin_offsetof(type, member) == (expected), #type "::" #member)

FATHOM_OFFSET(TrapFrame, x, FRAME_X(0));
FATHOM_OFFSET(TrapFrame, sp, FRAME_SP);
FATHOM_OFFSET(TrapFrame, pc, FRAME_PC);
FATHOM_OFFSET(TrapFrame, pstate, FRAME_PSTATE);
FATHOM_OFFSET(TrapFrame, context_word, FRAME_CONTEXT_WORD);
FATHOM_OFFSET(TrapFrame, kind, FRAME_KIND);
static_assert(sizeof(TrapFrame) == FRAME_SIZE && FRAME_SIZE % 16 == 0);
static_assert(sizeof(ResumeRecord) == 288);
static_assert(static_cast<int>(FrameKind::called) == FRAME_KIND_CALLED);
static_assert(static_cast<int>(FrameKind::interrupted) == FRAME_KIND_INTERRUPTED);

FATHOM_OFFSET(ThreadAnchor, context_word, ANCHOR_CONTEXT_WORD);
FATHOM_OFFSET(ThreadAnchor, cpu_index, ANCHOR_CPU_INDEX);
FATHOM_OFFSET(ThreadAnchor, on_cpu, ANCHOR_ON_CPU);
FATHOM_OFFSET(ThreadAnchor, resume, ANCHOR_RESUME);
FATHOM_OFFSET(ThreadAnchor, system_call_stack, ANCHOR_SYSTEM_CALL_STACK);
static_assert(kNoSystemCallStack == 1, "system_call.S clears the low byte");
static_assert(sizeof(std::atomic<std::uint8_t>) == 1);

FATHOM_OFFSET(TrapStackTops, traps, TOPS_TRAPS);
FATHOM_OFFSET(TrapStackTops, panic, TOPS_PANIC);
static_assert(sizeof(TrapStackTops) == 1 << TOPS_SHIFT);

FATHOM_OFFSET(PanicRegisters, frame, 0);
FATHOM_OFFSET(PanicRegisters, message, PANIC_MESSAGE);
FATHOM_OFFSET(PanicRegisters, file, PANIC_FILE);
FATHOM_OFFSET(PanicRegisters, line, PANIC_LINE);
FATHOM_OFFSET(PanicRegisters, facts, PANIC_FACTS);
static_assert(sizeof(PanicRegisters) == PANIC_SIZE && PANIC_AREA >= PANIC_SIZE);
static_assert(PANIC_AREA % 16 == 0);

FATHOM_OFFSET(SecondaryStart, table, SECONDARY_TABLE);
FATHOM_OFFSET(SecondaryStart, idle, SECONDARY_THREAD);
FATHOM_OFFSET(SecondaryStart, stack_top, SECONDARY_THREAD + 8);
FATHOM_OFFSET(SecondaryStart, trap_stack_top, SECONDARY_TRAP_STACK);

static_assert(kNormalMemory == 0 && kDeviceMemory == 1, "cpu_setup.S, MEMORY_ATTRIBUTES");
static_assert(SITE_TRAP_ENTRY == (static_cast<int>(Turn::trap_entry) | 2 << 4), "rule 2");
static_assert(IMAGE_OFFSET == kImageBase - kImagePhysicalBase);
static_assert(kTlbFlushReachesAllCpus);

}  // namespace fathom::arch
