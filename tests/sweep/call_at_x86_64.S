# Calls a function with the stack pointer somewhere else: fathom_call_at(sp, function, argument).

#include <lib/proof_fact.h>

        .section .text.fathom_call_at, "ax", @progbits
        .globl  fathom_call_at
        .type   fathom_call_at, @function
fathom_call_at:
        pushq   %rbp
        movq    %rsp, %rbp
775:    movq    %rdi, %rsp
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        movq    %rdx, %rdi
        proof_fact PROOF_CALL, 776f, PROOF_CALL_AT
776:    callq   *%rsi                   # touches 8 bytes below the swept stack pointer, no more
        movq    %rbp, %rsp
        popq    %rbp
        retq
        .size   fathom_call_at, . - fathom_call_at
        .section .note.GNU-stack, "", @progbits
