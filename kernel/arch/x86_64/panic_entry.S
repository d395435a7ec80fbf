// Leaving for the panic stack: nothing is pushed before we are on it.
//
// Comes from: leave_for_panic() (native/panic_entry.hpp), by a jump, from any context and with any
//             stack: rdi message, rsi file, rdx line, rcx and r8 facts, r9 where.
// Goes to:    handle_panic (panic/panic.cpp), which never returns.

#include <lib/proof_fact.h>
#include <native/asm_offsets.h>

#define SAVED(field) %gs:(CPU_PANIC + field)

        .section .text.panic_entry, "ax", @progbits
        .globl  fathom_panic_entry
        .type   fathom_panic_entry, @function
fathom_panic_entry:
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
        callq   handle_panic
        ud2
        .size   fathom_panic_entry, . - fathom_panic_entry

        .section .note.GNU-stack, "", @progbits
