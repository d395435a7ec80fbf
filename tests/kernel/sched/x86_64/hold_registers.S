# Known values in registers, while the thread is switched away from.
#
# Context: preemptible, on an application thread.

#include <lib/proof_fact.h>

        .section .text.hold_registers, "ax", @progbits

# void fathom_test_call_holding(const uint64_t* in, uint64_t* out, void (*function)(void*),
#                               void* argument)
# Loads the registers that a call keeps, calls, and stores them.
        .globl  fathom_test_call_holding
        .type   fathom_test_call_holding, @function
fathom_test_call_holding:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rsi
        movq    %rdx, %rax
        movq    (%rdi), %rbx
        movq    8(%rdi), %rbp
        movq    16(%rdi), %r12
        movq    24(%rdi), %r13
        movq    32(%rdi), %r14
        movq    40(%rdi), %r15
        movq    %rcx, %rdi
        proof_fact PROOF_CALL, 776f, PROOF_CALL_HOLDING
776:    callq   *%rax
        popq    %rax
        movq    %rbx, (%rax)
        movq    %rbp, 8(%rax)
        movq    %r12, 16(%rax)
        movq    %r13, 24(%rax)
        movq    %r14, 32(%rax)
        movq    %r15, 40(%rax)
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        retq
        .size   fathom_test_call_holding, . - fathom_test_call_holding

# void fathom_test_spin_holding(const uint64_t* in, uint64_t* out, uint64_t turns)
# Loads every register but rsp, counts down in memory, and stores them.
        .globl  fathom_test_spin_holding
        .type   fathom_test_spin_holding, @function
fathom_test_spin_holding:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   %rsi
        pushq   %rdx
        movq    (%rdi), %rax
        movq    8(%rdi), %rbx
        movq    16(%rdi), %rcx
        movq    24(%rdi), %rdx
        movq    32(%rdi), %rsi
        movq    40(%rdi), %rbp
        movq    48(%rdi), %r8
        movq    56(%rdi), %r9
        movq    64(%rdi), %r10
        movq    72(%rdi), %r11
        movq    80(%rdi), %r12
        movq    88(%rdi), %r13
        movq    96(%rdi), %r14
        movq    104(%rdi), %r15
        movq    112(%rdi), %rdi
1:      decq    (%rsp)
        jnz     1b
        pushq   %rax
        movq    16(%rsp), %rax
        popq    (%rax)
        movq    %rbx, 8(%rax)
        movq    %rcx, 16(%rax)
        movq    %rdx, 24(%rax)
        movq    %rsi, 32(%rax)
        movq    %rbp, 40(%rax)
        movq    %r8, 48(%rax)
        movq    %r9, 56(%rax)
        movq    %r10, 64(%rax)
        movq    %r11, 72(%rax)
        movq    %r12, 80(%rax)
        movq    %r13, 88(%rax)
        movq    %r14, 96(%rax)
        movq    %r15, 104(%rax)
        movq    %rdi, 112(%rax)
        addq    $16, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        retq
        .size   fathom_test_spin_holding, . - fathom_test_spin_holding

# uint64_t fathom_test_spin_with_flags(uint64_t flags, uint64_t turns)
# Sets the arithmetic flags in the first argument's lowest byte, spins without an instruction that
# changes any, and returns them.
        .globl  fathom_test_spin_with_flags
        .type   fathom_test_spin_with_flags, @function
fathom_test_spin_with_flags:
        movq    %rdi, %rax
        shlq    $8, %rax
        sahf
1:      leaq    -1(%rsi), %rsi
        movq    %rsi, %rcx
        jrcxz   2f
        jmp     1b
2:      lahf
        shrq    $8, %rax
        andq    fathom_test_flags(%rip), %rax
        retq
        .size   fathom_test_spin_with_flags, . - fathom_test_spin_with_flags

        .section .rodata.hold_registers, "a", @progbits
        .balign 8
        .globl  fathom_test_called_registers
fathom_test_called_registers:
        .quad   6
        .globl  fathom_test_all_registers
fathom_test_all_registers:
        .quad   15
        .globl  fathom_test_flags
fathom_test_flags:
        .quad   0xd5
        .section .note.GNU-stack, "", @progbits
