// Where the CPU arrives on an exception or an interrupt, and how it leaves.
//
// Threads run at EL1t, on SP_EL0; the CPU switches to SP_EL1, this CPU's trap stack, by itself. So
// no register of a thread's stack is touched here: that stack may be the very thing that is
// missing. All of DAIF is masked from arrival to eret. A trap stack is empty when a thread runs, so
// the frame of a trap always lies at its very top.
//
// A trap taken at EL1h comes from inside a handler (or a panic): nothing that it needs can be
// trusted, not even its stack, and it never returns.
//
// Comes from: whatever was interrupted.
// Goes to:    trap.cpp (fathom_handle_sync, fathom_handle_nested, fathom_handle_unexpected) and
//             interrupts.cpp (fathom_handle_irq).

#include "frame.inc"

// The hardware gives each vector 128 bytes, 32 instructions (Arm ARM, D1.3.1.5).
        .macro  vector
        .balign 128
        .endm

// A trap that a thread may have caused and may return from.
        .macro  from_thread handler
        vector
        .cfi_startproc simple
        .cfi_return_column 32
        .cfi_def_cfa sp, 0                      // so far only system registers know the way back
        .cfi_undefined 32
        save_frame
        describe_frame
        count_interrupt_depth FRAME_KIND_INTERRUPTED
        mov     x29, xzr                        // backtraces end here and go on from the frame
        mov     x0, sp                          // TrapFrame&
        bl      \handler                        // may resume another thread and not return
        b       return_from_trap
        .cfi_endproc
        .endm

// One that nothing should raise. `number` names the vector in the report.
        .macro  unexpected number
        vector
        save_frame
        mov     w1, #\number
        b       report_unexpected
        .endm

// One from inside a handler. TPIDR_EL0 and TPIDRRO_EL0 belong to nobody, as there is no EL0: they
// keep two registers while a stack is found.
        .macro  from_handler number
        vector
        msr     tpidr_el0, x0
        msr     tpidrro_el0, x1
        mov     x0, #\number
        b       enter_nested
        .endm

        .cfi_sections .debug_frame
        .section .text.vectors, "ax"
        .balign 2048
        .global fathom_vectors
fathom_vectors:
        // Current EL with SP_EL0: a thread.
        from_thread fathom_handle_sync
        from_thread fathom_handle_irq
        unexpected 2                            // FIQ: the GIC is told to send none
        unexpected 3                            // SError
        // Current EL with SP_ELx: a handler.
        from_handler 4
        from_handler 5
        from_handler 6
        from_handler 7
        // Lower EL, AArch64 and AArch32: there is none.
        unexpected 8
        unexpected 9
        unexpected 10
        unexpected 11
        unexpected 12
        unexpected 13
        unexpected 14
        unexpected 15

        .section .text.return_from_trap, "ax"
return_from_trap:
        restore_frame sp

        .section .text.fatal_vectors, "ax"
report_unexpected:
        msr     contextidr_el1, x1
        count_interrupt_depth FRAME_KIND_INTERRUPTED
        mov     x29, xzr
        mov     x0, sp                          // TrapFrame&
        mrs     x1, contextidr_el1              // the vector's number
        bl      fathom_handle_unexpected        // never returns

enter_nested:
        // The panic stack of this CPU is the one place left to stand on: the trap stack may just
        // have overflowed. CONTEXTIDR_EL1, which only debuggers would use, keeps the vector's
        // number.
        msr     contextidr_el1, x0
        mrs     x1, tpidr_el1
        ldr     w1, [x1, #ANCHOR_CPU_INDEX]
        adrp    x0, fathom_trap_stack_tops
        add     x0, x0, :lo12:fathom_trap_stack_tops
        add     x0, x0, x1, lsl #TOPS_SHIFT
        ldr     x0, [x0, #TOPS_PANIC]
        mov     x1, sp                          // the handler's own
        sub     x1, x0, x1
        lsr     x1, x1, #PANIC_STACK_SHIFT
        cbnz    x1, 1f
        mov     x0, sp                          // a panic was being reported: spare what it knows
1:      mov     x1, sp
775:    mov     sp, x0
        proof_fact PROOF_STACK, 775b, PROOF_TRAP_STACK
        stp     x1, xzr, [sp, #-16]!
        mrs     x0, tpidr_el0
        mrs     x1, tpidrro_el0
        save_frame
        count_interrupt_depth FRAME_KIND_INTERRUPTED
        ldr     x1, [sp, #FRAME_SIZE]
        str     x1, [sp, #FRAME_SP]             // of the handler, not of the thread below it
        mov     x29, xzr
        mov     x0, sp                          // TrapFrame&
        mrs     x1, contextidr_el1
        bl      fathom_handle_nested            // never returns
