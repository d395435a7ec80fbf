// One instruction that is the first to touch a page, with the stack pointer moved there for it.
//
// Context: preemptible, on an application thread; `sp` lies in its stack, below every live frame.

#include <lib/proof_fact.h>

        .section .text.grow_stack, "ax", %progbits

// void fathom_test_push_at(uint64_t sp): a store with writeback, at sp - 16
        .globl  fathom_test_push_at
        .type   fathom_test_push_at, %function
fathom_test_push_at:
        mov     x1, sp
775:    mov     sp, x0
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        str     x0, [sp, #-16]!
        mov     sp, x1
        ret
        .size   fathom_test_push_at, . - fathom_test_push_at

// void fathom_test_call_at(uint64_t sp): a callee that saves its frame record at sp - 16
        .globl  fathom_test_call_at
        .type   fathom_test_call_at, %function
fathom_test_call_at:
        mov     x1, sp
        mov     x2, x30
775:    mov     sp, x0
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        bl      1f
        mov     sp, x1
        mov     x30, x2
        ret
1:      stp     x29, x30, [sp, #-16]!
        ldp     x29, x30, [sp], #16
        ret
        .size   fathom_test_call_at, . - fathom_test_call_at

// void fathom_test_store_below(uint64_t bytes): a store so far below sp, which stays where it is
        .globl  fathom_test_store_below
        .type   fathom_test_store_below, %function
fathom_test_store_below:
        mov     x1, sp
        sub     x1, x1, x0
        strb    w0, [x1]
        ret
        .size   fathom_test_store_below, . - fathom_test_store_below
        .section .note.GNU-stack, "", %progbits
