// The numbers that assembly and C++ must agree on. contract_check.cpp asserts each of them.
//
// Owns:    offsets into CpuLocal, ThreadAnchor and TrapFrame, selectors, the resume tags, how
//          control registers are set.
// Context: any; plain numbers, since the assembler reads this file too.

#pragma once

// clang-format off
// CpuLocal, at %gs (native/cpu_local.hpp).
#define CPU_SELF             0
#define CPU_CURRENT          8   // ThreadAnchor* of the running thread
#define CPU_CONTEXT_WORD     16
#define CPU_INDEX            20
#define CPU_PAGE_FAULT_TOP   24  // where the #PF slot rests
#define CPU_DEBUG_TOP        32  // where the #DB slot rests
#define CPU_PANIC_TOP        40
#define CPU_PAGE_FAULT_SLOT  96  // IST 1 in the TSS: where the next #PF's frame goes
#define CPU_DEBUG_SLOT       128 // IST 5
#define CPU_PANIC            208 // PanicRegisters
#define CPU_CALLER_SP        424 // whose system call is being entered
#define CPU_CALLER_PC        432

// ThreadAnchor (arch/thread_anchor.hpp).
#define ANCHOR_ON_CPU        12
#define ANCHOR_RESUME        16
#define ANCHOR_SYSTEM_CALL_STACK 200

// TrapFrame and ResumeRecord (native/trap_frame.hpp).
#define FRAME_R15            0
#define FRAME_R14            8
#define FRAME_R13            16
#define FRAME_R12            24
#define FRAME_RBP            32
#define FRAME_RBX            40
#define FRAME_R11            48
#define FRAME_R10            56
#define FRAME_R9             64
#define FRAME_R8             72
#define FRAME_RDI            80
#define FRAME_RSI            88
#define FRAME_RDX            96
#define FRAME_RCX            104
#define FRAME_RAX            112
#define FRAME_VECTOR         120 // low half of the vector's slot
#define FRAME_CONTEXT_WORD   124 // high half: the word of the interrupted code
#define FRAME_ERROR_CODE     128
#define FRAME_RIP            136
#define FRAME_CS             144
#define FRAME_RFLAGS         152
#define FRAME_RSP            160
#define FRAME_SS             168
#define FRAME_SIZE           176

// PanicRegisters after its frame (native/panic_entry.hpp).
#define PANIC_MESSAGE        176
#define PANIC_FILE           184
#define PANIC_LINE           192
#define PANIC_FACTS          200

// Tags in the vector's place, over every vector: this record was not made by a trap.
#define TAG_CALLED_SWITCH    0x100 // callee-saved registers, rsp and rip only
#define TAG_NEW_THREAD       0x101 // a full frame that no trap has made

// How far #PF and #DB entry move their own IST slot down: the stack that a handler may use before
// one that interrupts it begins.
#define PAGE_FAULT_AREA      16384
#define DEBUG_AREA           8192

// Segment selectors. boot/ and every CPU's own table use the same.
#define SELECTOR_CODE        0x08
#define SELECTOR_DATA        0x10
#define SELECTOR_TSS         0x18

// Bits of the context word: context/context_word.hpp.
#define WORD_ONE_IRQ_DEPTH   0x10000

// A site record's first byte: rule << 4 | turn (arch/stack_probe.hpp). On a trap stack rule 2
// holds.
#define SITE_TRAP_ENTRY      0x25
// Where a system call's entry opens interrupts again. Rule 3: the hardware has masked them.
#define SITE_SYSTEM_CALL     0x38

// Control registers, the same on every CPU (SDM vol. 3A, 2.5). CR0: PE MP TS ET NE WP PG. TS makes
// any use of floating point raise #NM, SSE included, since CR4.OSFXSR is set; CR0.EM would turn SSE
// into #UD. CR4: PAE OSFXSR OSXMMEXCPT. EFER: SCE LME NXE.
#define CONTROL_CR0          0x8001003b
#define CONTROL_CR4          0x620
#define CONTROL_EFER         0x901
#define MSR_EFER             0xc0000080

// Descriptors: 64-bit code, flat data, 32-bit code (used on the way to long mode only).
#define DESCRIPTOR_CODE      0x00af9b000000ffff
#define DESCRIPTOR_DATA      0x00cf93000000ffff
#define DESCRIPTOR_CODE32    0x00cf9b000000ffff
#define SELECTOR_CODE32      0x18

// Where boot/ links the image, and where it maps physical memory.
#define IMAGE_BASE           0xffffffff80000000
#define DIRECT_MAP_BASE      0xffff800000000000
// clang-format on
