// Parking one thread and resuming another: two ways out, two ways in.
//
// Interrupts are off and the run queue is unlocked. A thread that calls fathom_switch keeps, by the
// calling convention, only rbx, rbp, r12-r15, rsp and its return address; one that was interrupted
// keeps everything, and iretq takes it straight from its record.
//
// Comes from: sched/scheduler.cpp.
// Goes to:    wherever `in` left off.

#include <lib/proof_fact.h>
#include <native/asm_offsets.h>

#define RECORD(field) (ANCHOR_RESUME + field)

        .section .text.context_switch, "ax", @progbits

// void fathom_switch(ThreadAnchor* out, ThreadAnchor* in)
        .globl  fathom_switch
        .type   fathom_switch, @function
fathom_switch:
        proof_fact PROOF_SWITCH, fathom_switch, 1
        popq    RECORD(FRAME_RIP)(%rdi) # where `out` goes on; rsp is then as after our return
        movq    %rsp, RECORD(FRAME_RSP)(%rdi)
        movq    %rbx, RECORD(FRAME_RBX)(%rdi)
        movq    %rbp, RECORD(FRAME_RBP)(%rdi)
        movq    %r12, RECORD(FRAME_R12)(%rdi)
        movq    %r13, RECORD(FRAME_R13)(%rdi)
        movq    %r14, RECORD(FRAME_R14)(%rdi)
        movq    %r15, RECORD(FRAME_R15)(%rdi)
        movl    $TAG_CALLED_SWITCH, RECORD(FRAME_VECTOR)(%rdi)
1:      movb    $0, ANCHOR_ON_CPU(%rdi) # x86 keeps stores in order: whoever sees this sees the rest

        .pushsection .rodata.fathom_switch_parked, "a", @progbits
        .balign 8
        .globl  fathom_switch_parked    # the record is complete, and `out` still ours
fathom_switch_parked:
        .quad   1b
        .popsection

// From here on `out` may run elsewhere, and nothing of its stack is ours. rsi: the thread to
// resume. The context word is what it must be for one that called us, whoever goes: interrupt depth
// 1 and calm. So it was when that one called, so it is now that `out` has, and so it is on a trap
// stack whose interrupted code was preemptible.
resume:
        movq    %rsi, %gs:CPU_CURRENT
        cmpl    $TAG_CALLED_SWITCH, RECORD(FRAME_VECTOR)(%rsi)
        jne     resume_frame
        movq    RECORD(FRAME_RSP)(%rsi), %rsp
        movq    RECORD(FRAME_RBX)(%rsi), %rbx
        movq    RECORD(FRAME_RBP)(%rsi), %rbp
        movq    RECORD(FRAME_R12)(%rsi), %r12
        movq    RECORD(FRAME_R13)(%rsi), %r13
        movq    RECORD(FRAME_R14)(%rsi), %r14
        movq    RECORD(FRAME_R15)(%rsi), %r15
        jmpq    *RECORD(FRAME_RIP)(%rsi)

// The record is a whole frame. It becomes the stack for as long as it takes to load it: interrupts
// are off, and a #MC or NMI has a stack of its own.
resume_frame:
        movl    RECORD(FRAME_CONTEXT_WORD)(%rsi), %eax
        movl    %eax, %gs:CPU_CONTEXT_WORD
        leaq    ANCHOR_RESUME(%rsi), %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rax
        addq    $16, %rsp               # vector, context word and error code
        iretq
        .size   fathom_switch, . - fathom_switch

// [[noreturn]] void fathom_resume(ThreadAnchor* in)
//
// Leaves a trap stack for good. Whatever was on it is done with, so the IST slots that entry moved
// go back to where they rest.
        .globl  fathom_resume
        .type   fathom_resume, @function
fathom_resume:
        proof_fact PROOF_SWITCH, fathom_resume, 0
        movq    %gs:CPU_PAGE_FAULT_TOP, %rax
        movq    %rax, %gs:CPU_PAGE_FAULT_SLOT
        movq    %gs:CPU_DEBUG_TOP, %rax
        movq    %rax, %gs:CPU_DEBUG_SLOT
        movq    %rdi, %rsi
        jmp     resume
        .size   fathom_resume, . - fathom_resume

        .section .note.GNU-stack, "", @progbits
