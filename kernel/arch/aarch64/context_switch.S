// The switch: out of one thread, into another, by two ways each.
//
// A voluntary way out saves what a call must preserve, for the caller has given up the rest; a
// preempted thread's whole frame was copied by park_frame(). The record's tag says which, and the
// way in follows it. Both records have the layout of a trap frame.
//
// Comes from: sched/scheduler.cpp.
// Goes to:    the thread resumed: by ret where it called, by eret where it was interrupted.

#include "frame.inc"

#define RESUME_X(n) (ANCHOR_RESUME + FRAME_X(n))
#define RESUME_SP (ANCHOR_RESUME + FRAME_SP)
#define RESUME_KIND (ANCHOR_RESUME + FRAME_KIND)

        .section .text.fathom_switch, "ax"
        .global fathom_switch
        .type   fathom_switch, %function
// x0 = out, x1 = in. EL1t, on the stack of `out`, interrupts masked.
fathom_switch:
        proof_fact PROOF_SWITCH, fathom_switch, 1
        mov     x9, sp
        stp     x19, x20, [x0, #RESUME_X(19)]
        stp     x21, x22, [x0, #RESUME_X(21)]
        stp     x23, x24, [x0, #RESUME_X(23)]
        stp     x25, x26, [x0, #RESUME_X(25)]
        stp     x27, x28, [x0, #RESUME_X(27)]
        stp     x29, x30, [x0, #RESUME_X(29)]
        str     x9, [x0, #RESUME_SP]
        str     xzr, [x0, #RESUME_KIND]         // FRAME_KIND_CALLED
        .pushsection .rodata.fathom_switch_parked, "a", %progbits
        .balign 8
        .global fathom_switch_parked            // the record is complete, and `out` still ours
fathom_switch_parked:
        .quad   1f
        .popsection
1:      msr     tpidr_el1, x1                   // first: after the release nothing here is `out`
        add     x10, x0, #ANCHOR_ON_CPU
        stlrb   wzr, [x10]                      // another CPU may resume it from here on
        ldr     x9, [x1, #RESUME_KIND]
        cbnz    x9, resume_interrupted
resume_called:
        ldp     x19, x20, [x1, #RESUME_X(19)]
        ldp     x21, x22, [x1, #RESUME_X(21)]
        ldp     x23, x24, [x1, #RESUME_X(23)]
        ldp     x25, x26, [x1, #RESUME_X(25)]
        ldp     x27, x28, [x1, #RESUME_X(27)]
        ldp     x29, x30, [x1, #RESUME_X(29)]
        ldr     x9, [x1, #RESUME_SP]
        mov     sp, x9
        ret
resume_interrupted:
        msr     daifset, #15                    // a debug exception must not come between either
        msr     spsel, #1                       // SP_EL0 can be written by name only at EL1h
        add     x0, x1, #ANCHOR_RESUME
        restore_frame x0
        .size   fathom_switch, . - fathom_switch

        .section .text.fathom_resume, "ax"
        .global fathom_resume
        .type   fathom_resume, %function
// x0 = in. EL1h on the trap stack, or EL1t where a CPU starts its first thread. What stands on the
// trap stack is left there: the next trap starts from its top again.
fathom_resume:
        proof_fact PROOF_SWITCH, fathom_resume, 0
        msr     daifset, #15
        ldr     w2, [x0, #ANCHOR_CPU_INDEX]
        adrp    x3, fathom_trap_stack_tops
        add     x3, x3, :lo12:fathom_trap_stack_tops
        add     x3, x3, x2, lsl #TOPS_SHIFT
        ldr     x3, [x3, #TOPS_TRAPS]
        msr     spsel, #1
        mov     sp, x3
        mov     x1, x0
        msr     tpidr_el1, x1
        ldr     x9, [x1, #RESUME_KIND]
        cbnz    x9, resume_interrupted
        msr     spsel, #0
        msr     daifclr, #4                     // SError open, as in every thread
        b       resume_called
        .size   fathom_resume, . - fathom_resume
