// Where the CPU arrives on an exception or an interrupt, and how it leaves.
//
// We are on a stack that the gate's IST field chose: this CPU's, resident, never the thread's own.
// A thread's stack may be the very thing that is missing, and the CPU pushes five words, six with
// an error code, before we get a say. Interrupts are off, so entry counts one interrupt depth
// before any C++ runs; the frame keeps the word as the interrupted code had it.
//
// IST stacks are not re-entrant: a second trap through the same gate would write its frame over the
// first before we get a say. #PF and #DB can come twice (a broken handler; a breakpoint in a
// handler), so their entry moves their own IST slot down first thing, and exit moves it back. #DF,
// NMI and #MC never return.
//
// Comes from: whatever was interrupted.
// Goes to:    trap.cpp. When it returns, the interrupted code goes on; where another thread should
//             run, it does not return: fathom_resume (context_switch.S) leaves this stack for good.

#include <lib/proof_fact.h>
#include <native/asm_offsets.h>

// The interrupted registers, in the order of struct TrapFrame.
        .macro  save_registers
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        .endm

// Then: C++ expects the direction flag clear, and a backtrace that ends here and goes on from the
// frame. The depth is counted by a recorded site: rule 2, we are on a populated stack.
        .macro  count_entry
        cld
        xorl    %ebp, %ebp
        movl    %gs:CPU_CONTEXT_WORD, %eax
        movl    %eax, FRAME_CONTEXT_WORD(%rsp)
771:    addl    $WORD_ONE_IRQ_DEPTH, %gs:CPU_CONTEXT_WORD
772:
        .pushsection .stack_sites, "a", @progbits
        .long   771b - .
        .byte   SITE_TRAP_ENTRY
        .byte   772b - 771b
        .short  0
        .popsection
        .endm

// Only the depth goes back: a reschedule that the handler asked for stays asked for.
        .macro  count_exit
775:    subl    $WORD_ONE_IRQ_DEPTH, %gs:CPU_CONTEXT_WORD
        .endm

        .macro  restore_and_return
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
776:    proof_fact PROOF_RETURN_FROM_TRAP, 775b, 776b
        .endm

        .section .text.vectors, "ax", @progbits

// The way of all gates but two.
        .type   save_and_handle, @function
save_and_handle:
        save_registers
        count_entry
        movq    %rsp, %rdi              # TrapFrame&
        callq   fathom_handle_trap
        count_exit
        restore_and_return
        .size   save_and_handle, . - save_and_handle

// A page fault: the first touch of a stack page comes this way, so it has a way of its own.
        .globl  fathom_page_fault_gate
        .type   fathom_page_fault_gate, @function
fathom_page_fault_gate:
        subq    $PAGE_FAULT_AREA, %gs:CPU_PAGE_FAULT_SLOT
        pushq   $14
        save_registers
        count_entry
        movq    %rsp, %rdi
        callq   fathom_handle_page_fault
        count_exit
        addq    $PAGE_FAULT_AREA, %gs:CPU_PAGE_FAULT_SLOT
        restore_and_return              # the faulting instruction runs again: its page is there
        .size   fathom_page_fault_gate, . - fathom_page_fault_gate

// A single step or a breakpoint register.
        .globl  fathom_debug_gate
        .type   fathom_debug_gate, @function
fathom_debug_gate:
        subq    $DEBUG_AREA, %gs:CPU_DEBUG_SLOT
        pushq   $0
        pushq   $1
        save_registers
        count_entry
        movq    %rsp, %rdi
        callq   fathom_handle_debug
        count_exit
        addq    $DEBUG_AREA, %gs:CPU_DEBUG_SLOT
        restore_and_return
        .size   fathom_debug_gate, . - fathom_debug_gate

// One stub for each vector, 16 bytes apart. The CPU pushes an error code for some; we push a zero
// for the rest, so that every frame has one shape.
        .balign 16
        .globl  fathom_vector_stubs
        .type   fathom_vector_stubs, @function
fathom_vector_stubs:
        .set    number, 0
        .rept   256
        .balign 16
        .if     (number != 8) && (number < 10 || number > 14) && (number != 17) && (number != 21)
        pushq   $0
        .endif
        pushq   $number
        jmp     save_and_handle
        .set    number, number + 1
        .endr
        .size   fathom_vector_stubs, . - fathom_vector_stubs

        .section .note.GNU-stack, "", @progbits
