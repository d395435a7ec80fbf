# System calls with known registers, and at a chosen stack pointer.
#
# Context: preemptible, on an application thread.

#include <lib/proof_fact.h>

        .section .text.make_system_call, "ax", @progbits

# uint64_t fathom_test_system_call_holding(const uint64_t* in, uint64_t* out, uint64_t number)
# Loads every register that a call must keep, makes the call, and stores them. Returns the flags
# that have changed.
        .globl  fathom_test_system_call_holding
        .type   fathom_test_system_call_holding, @function
fathom_test_system_call_holding:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rsi
        pushq   %rdx
        movq    (%rdi), %rbx
        movq    8(%rdi), %rdx
        movq    16(%rdi), %rsi
        movq    24(%rdi), %rbp
        movq    32(%rdi), %r8
        movq    40(%rdi), %r9
        movq    48(%rdi), %r10
        movq    56(%rdi), %r12
        movq    64(%rdi), %r13
        movq    72(%rdi), %r14
        movq    80(%rdi), %r15
        movq    88(%rdi), %rdi
        popq    %rax
        pushq   $0
        subq    $1, (%rsp)              # carry and sign are set, zero is not
        pushfq
        syscall
        pushfq
        movq    24(%rsp), %rax
        movq    %rbx, (%rax)
        movq    %rdx, 8(%rax)
        movq    %rsi, 16(%rax)
        movq    %rbp, 24(%rax)
        movq    %r8, 32(%rax)
        movq    %r9, 40(%rax)
        movq    %r10, 48(%rax)
        movq    %r12, 56(%rax)
        movq    %r13, 64(%rax)
        movq    %r14, 72(%rax)
        movq    %r15, 80(%rax)
        movq    %rdi, 88(%rax)
        popq    %rax
        popq    %rcx
        xorq    %rcx, %rax
        addq    $16, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        retq
        .size   fathom_test_system_call_holding, . - fathom_test_system_call_holding

# uint64_t fathom_test_system_call_at(uint64_t sp, uint64_t number)
# Makes the call with the stack pointer there; touches nothing there itself.
        .globl  fathom_test_system_call_at
        .type   fathom_test_system_call_at, @function
fathom_test_system_call_at:
        pushq   %rbp
        movq    %rsp, %rbp
775:    movq    %rdi, %rsp
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        movq    %rsi, %rax
        syscall
        movq    %rbp, %rsp
        popq    %rbp
        retq
        .size   fathom_test_system_call_at, . - fathom_test_system_call_at

        .section .rodata.make_system_call, "a", @progbits
        .balign 8
        .globl  fathom_test_kept_registers
fathom_test_kept_registers:
        .quad   12
        .section .note.GNU-stack, "", @progbits
