// Code to be copied, and a call of the copy.
//
// Context: any.

#include <lib/proof_fact.h>

        .section .rodata.new_code, "a", %progbits
        .balign 16
        .globl  fathom_test_returns_1, fathom_test_returns_2
fathom_test_returns_1:
        mov     x0, #1
        ret
        nop
        nop
fathom_test_returns_2:
        mov     x0, #2
        ret
        nop
        nop

        .section .text.new_code, "ax", %progbits
// uint64_t fathom_test_run(uint64_t code): what is called is in no image and touches no stack. The
// prover wants a class all the same; that of the sweep holds whatever an application may call.
        .globl  fathom_test_run
        .type   fathom_test_run, %function
fathom_test_run:
        stp     x29, x30, [sp, #-16]!
        mov     x29, sp
        proof_fact PROOF_CALL, 776f, PROOF_CALL_AT
776:    blr     x0
        ldp     x29, x30, [sp], #16
        ret
        .size   fathom_test_run, . - fathom_test_run
        .section .note.GNU-stack, "", %progbits
