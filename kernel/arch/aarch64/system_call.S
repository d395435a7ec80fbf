// The two ways on from svc, at EL1t and preemptible, and the way back.
//
// Comes from: begin_system_call() (system_call.cpp), by the return from svc's trap.
// Goes to:    fathom_system_call (sched/system_call.cpp) or fathom_prepare_system_call
//             (sched/system_call_stack.cpp).

#include "frame.inc"

        .cfi_sections .debug_frame
        .section .text.system_call, "ax"

// On the system call stack: sp points to the caller's frame. All registers but sp are the caller's.
        .global fathom_system_call_entry
        .type   fathom_system_call_entry, %function
fathom_system_call_entry:
        .cfi_startproc simple
        .cfi_return_column 32
        describe_frame
        mov     x3, x8                          // the number is the fourth argument
        bl      fathom_system_call
        str     x0, [sp, #FRAME_X(0)]
        mrs     x1, tpidr_el1
        strb    wzr, [x1, #ANCHOR_SYSTEM_CALL_STACK]    // over
        mov     x0, sp
777:    msr     daifset, #15                    // a debug exception must not come between either
        msr     spsel, #1                       // SP_EL0 can be written by name only at EL1h
778:    proof_fact PROOF_ENTRY_CODE, 777b, 778b
        restore_frame x0
        .cfi_endproc
        .size   fathom_system_call_entry, . - fathom_system_call_entry

// On the caller's own stack, as if svc had been an ordinary call: the thread has no other stack
// yet, or is inside a call. x16: where the caller goes on; x17: its flags.
        .global fathom_system_call_without_stack
        .type   fathom_system_call_without_stack, %function
fathom_system_call_without_stack:
        .cfi_startproc simple
        .cfi_return_column 32
        .cfi_signal_frame
        .cfi_def_cfa sp, 0
        .cfi_register 32, 16
        sub     sp, sp, #176
        .cfi_def_cfa_offset 176
        stp     x0, x1, [sp]
        stp     x2, x3, [sp, #16]
        stp     x4, x5, [sp, #32]
        stp     x6, x7, [sp, #48]
        stp     x8, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     x16, x17, [sp, #128]
        .cfi_offset 32, -48
        stp     x18, x30, [sp, #144]
        bl      fathom_prepare_system_call
        ldp     x16, x17, [sp, #128]
        cbnz    x0, 1f                          // there is no stack to be had: the answer says why
        sub     x16, x16, #4                    // svc again
        ldr     x0, [sp]
1:      ldr     x1, [sp, #8]
        ldp     x2, x3, [sp, #16]
        ldp     x4, x5, [sp, #32]
        ldp     x6, x7, [sp, #48]
        ldp     x8, x9, [sp, #64]
        ldp     x10, x11, [sp, #80]
        ldp     x12, x13, [sp, #96]
        ldp     x14, x15, [sp, #112]
        ldp     x18, x30, [sp, #144]
        .cfi_register 32, 16
        add     sp, sp, #176
        .cfi_def_cfa_offset 0
        msr     nzcv, x17
        ret     x16
        .cfi_endproc
        .size   fathom_system_call_without_stack, . - fathom_system_call_without_stack
