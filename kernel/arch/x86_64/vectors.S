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

// For the debugger (DWARF call frame information, in no byte of the image): a frame that the CPU
// has begun, `bytes` so far. What was interrupted is found at its end: rip, cs, rflags, rsp, ss.
// So a backtrace in a handler goes on into the interrupted code, on whatever stack that is.
        .macro  frame_begins bytes
        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_def_cfa rsp, \bytes
        .cfi_offset rip, -40
        .cfi_offset rsp, -16
        .endm

        .macro  push_word value
        pushq   \value
        .cfi_adjust_cfa_offset 8
        .endm

// The interrupted registers, in the order of struct TrapFrame.
        .macro  save_registers
        .irp    register, rax,rcx,rdx,rsi,rdi,r8,r9,r10,r11,rbx,rbp,r12,r13,r14,r15
        push_word %\register
        .cfi_rel_offset \register, 0
        .endr
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
        .irp    register, r15,r14,r13,r12,rbp,rbx,r11,r10,r9,r8,rdi,rsi,rdx,rcx,rax
        popq    %\register
        .cfi_adjust_cfa_offset -8
        .cfi_same_value \register
        .endr
        addq    $16, %rsp               # vector, context word and error code
        .cfi_adjust_cfa_offset -16
        iretq
776:    proof_fact PROOF_RETURN_FROM_TRAP, 775b, 776b
        .cfi_endproc
        .endm

        .cfi_sections .debug_frame
        .section .text.vectors, "ax", @progbits

// The way of all gates but two.
        .type   save_and_handle, @function
save_and_handle:
        frame_begins 56
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
        frame_begins 48
        subq    $PAGE_FAULT_AREA, %gs:CPU_PAGE_FAULT_SLOT
        push_word $14
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
        frame_begins 40
        subq    $DEBUG_AREA, %gs:CPU_DEBUG_SLOT
        push_word $0
        push_word $1
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
