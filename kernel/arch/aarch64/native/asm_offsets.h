// aarch64: the numbers that assembly needs of C++ structures. Preprocessor only.
//
// Owns:    the offsets; each is asserted against its structure in contract_check.cpp.

#ifndef FATHOM_AARCH64_ASM_OFFSETS_H
#define FATHOM_AARCH64_ASM_OFFSETS_H

// struct TrapFrame, which is also the resume record. Pairs that ldp and stp move lie together.
#define FRAME_X(n) ((n) * 8)
#define FRAME_SP 248
#define FRAME_PC 256
#define FRAME_PSTATE 264
#define FRAME_CONTEXT_WORD 272
#define FRAME_KIND 280
#define FRAME_SIZE 288
#define FRAME_KIND_CALLED 0
#define FRAME_KIND_INTERRUPTED 1

// struct ThreadAnchor.
#define ANCHOR_CONTEXT_WORD 0
#define ANCHOR_CPU_INDEX 8
#define ANCHOR_ON_CPU 12
#define ANCHOR_RESUME 16
#define ANCHOR_SYSTEM_CALL_STACK 312

// struct TrapStackTops: two words for each CPU.
#define TOPS_TRAPS 0
#define TOPS_PANIC 8
#define TOPS_SHIFT 4

// struct PanicRegisters.
#define PANIC_MESSAGE 288
#define PANIC_FILE 296
#define PANIC_LINE 304
#define PANIC_FACTS 312
#define PANIC_SIZE 328
#define PANIC_AREA 336        // its size, with sp kept a multiple of 16
#define PANIC_STACK_SHIFT 14  // the panic stack has 16 KiB in every build

// struct SecondaryStart: the table, then thread and stack as a pair, then the trap stack.
#define SECONDARY_TABLE 0
#define SECONDARY_THREAD 8
#define SECONDARY_TRAP_STACK 24

// Virtual minus physical address of the image: 0xffffffff80000000 stands for 0x40000000, the start
// of RAM on QEMU's virt. fathom.ld asserts it.
#define IMAGE_OFFSET 0xffffffff40000000

// The interrupt depth that entry counts: 1 << 16, as the immediate of an add.
#define ONE_INTERRUPT_DEPTH 16, lsl 12

// Site record, context/site.hpp: Turn::trap_entry (5), rule 2 (populated stack).
#define SITE_TRAP_ENTRY (5 | 2 << 4)

#endif
