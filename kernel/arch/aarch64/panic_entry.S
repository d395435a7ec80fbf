// Where code that cannot go on arrives, by a branch from leave_for_panic.
//
// Owns:    fathom_panic_entry. Saves every register in a PanicRegisters at the top of this CPU's
//          panic stack, counts interrupts as off, and calls handle_panic on that stack at EL1h.
// Context: any: EL1t or EL1h, masked or not, on a stack that may have no byte left.
//
// On arrival x0 = message, x1 = file, x2 = line, x3 and x4 = facts, x16 = the failing code's pc. No
// memory is written before the panic stack is there: TPIDR_EL0, TPIDRRO_EL0 (there is no EL0),
// ELR_EL1 and SPSR_EL1 (whoever is being handled has them in its frame) hold what must not be lost.
//
// Comes from: native/panic_entry.hpp.
// Goes to:    panic/panic.cpp (handle_panic), never to return.

#include "frame.inc"

        .section .text.fathom_panic_entry, "ax"
        .cfi_sections .debug_frame
        .global fathom_panic_entry
        .type   fathom_panic_entry, %function
fathom_panic_entry:
        .cfi_startproc simple
        .cfi_return_column 32
        .cfi_signal_frame                       // the pc is exact: no call led here
        .cfi_def_cfa sp, 0
        .cfi_register 32, 16
775:    msr     tpidr_el0, x17
        mrs     x17, daif
        msr     daifset, #15
        msr     elr_el1, x16
        msr     tpidrro_el0, x18
        mrs     x16, nzcv                       // PSTATE as an exception would have saved it
        orr     x17, x17, x16
        mrs     x16, spsel
        orr     x17, x17, x16
        orr     x17, x17, #0b0100               // EL1
        msr     spsr_el1, x17
        mov     x18, sp                         // the failing code's: SP_EL0 or SP_EL1
        msr     spsel, #1
776:    proof_fact PROOF_ENTRY_CODE, 775b, 776b

        mrs     x16, tpidr_el1
        ldr     w16, [x16, #ANCHOR_CPU_INDEX]
        adrp    x17, fathom_trap_stack_tops
        add     x17, x17, :lo12:fathom_trap_stack_tops
        add     x17, x17, x16, lsl #TOPS_SHIFT
        ldr     x17, [x17, #TOPS_PANIC]
        sub     x16, x17, x18                   // on the panic stack already (a second panic, or a
        lsr     x16, x16, #PANIC_STACK_SHIFT    // report of a nested trap)? Then go on below.
        cbnz    x16, 1f
        mov     x17, x18
1:      sub     x17, x17, #PANIC_AREA
775:    mov     sp, x17
        proof_fact PROOF_STACK, 775b, PROOF_TRAP_STACK
        .cfi_undefined 32

        stp     x0, x1, [sp, #FRAME_X(0)]
        stp     x2, x3, [sp, #FRAME_X(2)]
        stp     x4, x5, [sp, #FRAME_X(4)]
        stp     x6, x7, [sp, #FRAME_X(6)]
        stp     x8, x9, [sp, #FRAME_X(8)]
        stp     x10, x11, [sp, #FRAME_X(10)]
        stp     x12, x13, [sp, #FRAME_X(12)]
        stp     x14, x15, [sp, #FRAME_X(14)]
        mrs     x16, elr_el1
        mrs     x17, tpidr_el0
        stp     x16, x17, [sp, #FRAME_X(16)]
        mrs     x17, tpidrro_el0
        stp     x17, x19, [sp, #FRAME_X(18)]
        stp     x20, x21, [sp, #FRAME_X(20)]
        stp     x22, x23, [sp, #FRAME_X(22)]
        stp     x24, x25, [sp, #FRAME_X(24)]
        stp     x26, x27, [sp, #FRAME_X(26)]
        stp     x28, x29, [sp, #FRAME_X(28)]
        stp     x30, x18, [sp, #FRAME_X(30)]    // and the sp
        mrs     x17, spsr_el1
        stp     x16, x17, [sp, #FRAME_PC]
        stp     x0, x1, [sp, #PANIC_MESSAGE]    // message, file
        stp     x2, x3, [sp, #PANIC_LINE]       // line, first fact
        str     x4, [sp, #PANIC_FACTS + 8]
        describe_frame

        // Guards inside the report must find us atomic, or leaving one would open interrupts.
        count_interrupt_depth FRAME_KIND_INTERRUPTED
        mov     x29, xzr
        mov     x0, sp                          // const PanicRegisters&
        bl      handle_panic                    // never returns
        brk     #0
        .cfi_endproc
        .size   fathom_panic_entry, . - fathom_panic_entry
