// Calls a function with the stack pointer somewhere else: fathom_call_at(sp, function, argument).

        .section .text.fathom_call_at, "ax", %progbits
        .globl  fathom_call_at
        .type   fathom_call_at, %function
fathom_call_at:
        stp     x29, x30, [sp, #-16]!
        mov     x29, sp
        mov     sp, x0
        mov     x0, x2
        blr     x1                      // touches nothing below the swept stack pointer
        mov     sp, x29
        ldp     x29, x30, [sp], #16
        ret
        .size   fathom_call_at, . - fathom_call_at
        .section .note.GNU-stack, "", %progbits
