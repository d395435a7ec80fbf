// Calls a function with the stack pointer somewhere else: fathom_call_at(sp, function, argument).
//
// A call touches no stack on aarch64, but whoever makes one has stored a frame record at the bottom
// of its own frame (AAPCS64, 6.4.6): 16 touched bytes at the callee's sp, no more.

#include <lib/proof_fact.h>

        .section .text.fathom_call_at, "ax", %progbits
        .globl  fathom_call_at
        .type   fathom_call_at, %function
fathom_call_at:
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        mov     x19, sp
775:    mov     sp, x0
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        stp     x29, x30, [sp, #-16]!
        mov     x29, sp
        mov     x0, x2
        proof_fact PROOF_CALL, 776f, PROOF_CALL_AT
776:    blr     x1
        mov     sp, x19
        ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret
        .size   fathom_call_at, . - fathom_call_at
        .section .note.GNU-stack, "", %progbits
