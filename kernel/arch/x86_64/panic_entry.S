// Leaving for the panic stack: nothing is pushed before we are on it.
//
// Comes from: leave_for_panic() (native/panic_entry.hpp), by a jump, from any context and with any
//             stack: rdi message, rsi file, rdx line, rcx and r8 facts, r9 where.
// Goes to:    handle_panic (panic/panic.cpp), which never returns.

#include <lib/proof_fact.h>
#include <native/asm_offsets.h>

#define SAVED(field) %gs:(CPU_PANIC + field)

// For the debugger (DWARF call frame information, in no byte of the image): the failing code's
// register lies at an offset from PanicRegisters, whose address is the word 16 below the CFA:
// DW_CFA_expression, its length, then lit16, minus, deref, const1u, plus.
        .macro  failing_code_had register, offset
        .cfi_escape 0x10, \register, 6, 0x40, 0x1c, 0x06, 0x08, \offset, 0x22
        .endm

        .cfi_sections .debug_frame
        .section .text.panic_entry, "ax", @progbits
        .globl  fathom_panic_entry
        .type   fathom_panic_entry, @function
fathom_panic_entry:
        .cfi_startproc simple
        .cfi_signal_frame               # the pc is exact: no call led here
        .cfi_def_cfa rsp, 0
        .cfi_register rip, r9
        .cfi_val_offset rsp, 0
        # From here to the end this CPU is ours: not preempted, not moved away from its gs base.
771:    cli
        movl    %gs:CPU_CONTEXT_WORD, %r10d
        addl    $WORD_ONE_IRQ_DEPTH, %gs:CPU_CONTEXT_WORD
772:
        .pushsection .stack_sites, "a", @progbits
        .long   771b - .
        .byte   SITE_TRAP_ENTRY
        .byte   772b - 771b
        .short  0
        .popsection

        movq    %r15, SAVED(FRAME_R15)
        movq    %r14, SAVED(FRAME_R14)
        movq    %r13, SAVED(FRAME_R13)
        movq    %r12, SAVED(FRAME_R12)
        movq    %rbp, SAVED(FRAME_RBP)
        movq    %rbx, SAVED(FRAME_RBX)
        movq    %r11, SAVED(FRAME_R11)
        movq    %r9, SAVED(FRAME_RIP)
        movq    %rax, SAVED(FRAME_RAX)
        movq    %rsp, SAVED(FRAME_RSP)
        movl    %r10d, SAVED(FRAME_CONTEXT_WORD)
        movq    %rdi, SAVED(PANIC_MESSAGE)
        movq    %rsi, SAVED(PANIC_FILE)
        movq    %rdx, SAVED(PANIC_LINE)
        movq    %rcx, SAVED(PANIC_FACTS)
        movq    %r8, SAVED(PANIC_FACTS + 8)
        movq    $SELECTOR_CODE, SAVED(FRAME_CS)
        movq    $SELECTOR_DATA, SAVED(FRAME_SS)

        # A stack that is resident and has room, whatever happened to ours.
775:    movq    %gs:CPU_PANIC_TOP, %rsp
        proof_fact PROOF_STACK, 775b, PROOF_TRAP_STACK
        .cfi_undefined rip
        pushfq
        popq    %rax
        testl   $0x7fff0000, %r10d      # no interrupt depth: interrupts were on before our cli
        jnz     1f
        orq     $0x200, %rax
1:      movq    %rax, SAVED(FRAME_RFLAGS)

        cld
        xorl    %ebp, %ebp              # the backtrace goes on from the saved frame
        movq    %gs:CPU_SELF, %rdi
        addq    $CPU_PANIC, %rdi        # const PanicRegisters&
        pushq   %rdi
        pushq   %rdi                    # twice, as calls want rsp to be a multiple of 16
        .cfi_def_cfa rsp, 16
        failing_code_had 3, FRAME_RBX
        failing_code_had 6, FRAME_RBP
        failing_code_had 7, FRAME_RSP
        failing_code_had 12, FRAME_R12
        failing_code_had 13, FRAME_R13
        failing_code_had 14, FRAME_R14
        failing_code_had 15, FRAME_R15
        failing_code_had 16, FRAME_RIP
        callq   handle_panic
        ud2
        .cfi_endproc
        .size   fathom_panic_entry, . - fathom_panic_entry

        .section .note.GNU-stack, "", @progbits
