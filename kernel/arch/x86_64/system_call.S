// Where syscall arrives, and how the call returns.
//
// The instruction changes no stack. So rsp is still the caller's, whose stack may be lazy, and
// interrupts are off: the first push would be a fatal fault. Nothing is pushed before rsp points
// into the thread's system call stack, which is populated. Then interrupts are opened, and from
// there on the thread can be preempted and can block as anywhere else.
//
// A thread's first call finds no stack. Interrupts are opened then, which makes faults on the
// caller's stack legal: from there on this is an ordinary call from where the instruction stands.
// It makes a stack, and the instruction is executed again.
//
// sysretq would return to ring 3; iretq goes where it came from.
//
// Comes from: the instruction. rcx: where it goes on; r11: its flags; rax: the call's number.
// Goes to:    fathom_system_call (sched/system_call.cpp) or fathom_prepare_system_call
//             (sched/system_call_stack.cpp).

#include <lib/proof_fact.h>
#include <native/asm_offsets.h>

#define SYSCALL_BYTES 2
// Below the five words of iretq: the call's number, then the registers that C++ may change.
#define SAVED_RAX 48
#define SAVED_RIP 56

        .macro  push_word value
        pushq   \value
        .cfi_adjust_cfa_offset 8
        .endm

// The five words are there. For the debugger, as in vectors.S: where the caller is.
        .macro  describe_caller
        .cfi_def_cfa rsp, 40
        .cfi_offset rip, -40
        .cfi_offset rsp, -16
        .endm

        .macro  open_interrupts
771:    sti
772:
        .pushsection .stack_sites, "a", @progbits
        .long   771b - .
        .byte   SITE_SYSTEM_CALL
        .byte   772b - 771b
        .short  0
        .popsection
        .endm

        .macro  save_registers
        .irp    register, rax,rdi,rsi,rdx,r8,r9,r10
        push_word %\register
        .cfi_rel_offset \register, 0
        .endr
        .endm

        .cfi_sections .debug_frame
        .section .text.system_call, "ax", @progbits
        .globl  fathom_system_call_entry
        .type   fathom_system_call_entry, @function
fathom_system_call_entry:
        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_def_cfa rsp, 0
        .cfi_register rip, rcx
        movq    %rsp, %gs:CPU_CALLER_SP
        movq    %rcx, %gs:CPU_CALLER_PC
        movq    %gs:CPU_CURRENT, %rcx
        .cfi_undefined rip
        testb   $1, ANCHOR_SYSTEM_CALL_STACK(%rcx)
        jnz     without_stack
775:    movq    ANCHOR_SYSTEM_CALL_STACK(%rcx), %rsp
        proof_fact PROOF_STACK, 775b, PROOF_SYSTEM_CALL_STACK
        movb    $1, ANCHOR_SYSTEM_CALL_STACK(%rcx)      # a call is under way
        pushq   $SELECTOR_DATA
        pushq   %gs:CPU_CALLER_SP
        pushq   %r11
        pushq   $SELECTOR_CODE
        pushq   %gs:CPU_CALLER_PC
        describe_caller
        open_interrupts
        save_registers
        movq    %rax, %rcx              # the number is the fourth argument
        callq   fathom_system_call
        movq    %gs:CPU_CURRENT, %rcx
        movb    $0, ANCHOR_SYSTEM_CALL_STACK(%rcx)      # over

// rax: the answer. An interrupt may still come: what iretq reads lies above rsp.
return_to_caller:
        .irp    register, r10,r9,r8,rdx,rsi,rdi
        popq    %\register
        .cfi_adjust_cfa_offset -8
        .cfi_same_value \register
        .endr
        addq    $8, %rsp                # the number
        .cfi_adjust_cfa_offset -8
        .cfi_same_value rax
775:    iretq
776:    proof_fact PROOF_RETURN_FROM_TRAP, 775b, 776b

// Still on the caller's stack: a first call, or one from inside a call.
without_stack:
        .cfi_def_cfa rsp, 0
        .cfi_undefined rip
        movq    %gs:CPU_CALLER_PC, %rcx
        .cfi_register rip, rcx
        open_interrupts
        pushq   $SELECTOR_DATA
        .cfi_adjust_cfa_offset 8
        pushq   %rsp
        .cfi_adjust_cfa_offset 8
        addq    $8, (%rsp)              # as it was before these two
        push_word %r11
        push_word $SELECTOR_CODE
        push_word %rcx
        describe_caller
        save_registers
        push_word %rbp
        .cfi_rel_offset rbp, 0
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        andq    $-16, %rsp              # a syscall may stand at any sp
        callq   fathom_prepare_system_call
        movq    %rbp, %rsp
        .cfi_def_cfa_register rsp
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_same_value rbp
        testq   %rax, %rax
        jnz     return_to_caller        # there is no stack to be had: the answer says why
        subq    $SYSCALL_BYTES, SAVED_RIP(%rsp)
        movq    SAVED_RAX(%rsp), %rax
        jmp     return_to_caller
        .cfi_endproc
        .size   fathom_system_call_entry, . - fathom_system_call_entry

        .section .note.GNU-stack, "", @progbits
