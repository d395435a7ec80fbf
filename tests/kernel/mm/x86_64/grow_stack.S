# One instruction that is the first to touch a page, with the stack pointer moved there for it.
#
# Context: preemptible, on an application thread; `sp` lies in its stack, below every live frame.

#include <lib/proof_fact.h>

        .section .text.grow_stack, "ax", @progbits

# void fathom_test_push_at(uint64_t sp): a push, at sp - 8
        .globl  fathom_test_push_at
        .type   fathom_test_push_at, @function
fathom_test_push_at:
        movq    %rsp, %rax
775:    movq    %rdi, %rsp
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        pushq   %rdi
        movq    %rax, %rsp
        retq
        .size   fathom_test_push_at, . - fathom_test_push_at

# void fathom_test_call_at(uint64_t sp): a call, which pushes at sp - 8
        .globl  fathom_test_call_at
        .type   fathom_test_call_at, @function
fathom_test_call_at:
        movq    %rsp, %rax
775:    movq    %rdi, %rsp
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        callq   1f
        movq    %rax, %rsp
        retq
1:      retq
        .size   fathom_test_call_at, . - fathom_test_call_at

# void fathom_test_store_below(uint64_t bytes): a store so far below sp, which stays where it is
        .globl  fathom_test_store_below
        .type   fathom_test_store_below, @function
fathom_test_store_below:
        negq    %rdi
        movb    $1, (%rsp, %rdi)
        retq
        .size   fathom_test_store_below, . - fathom_test_store_below
        .section .note.GNU-stack, "", @progbits
