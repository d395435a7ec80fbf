// System calls with known registers, and at a chosen stack pointer.
//
// Context: preemptible, on an application thread.

#include <lib/proof_fact.h>

        .section .text.make_system_call, "ax", %progbits

// uint64_t fathom_test_system_call_holding(const uint64_t* in, uint64_t* out, uint64_t number)
// Loads every register that a call must keep, makes the call, and stores them. Returns the flags
// that have changed.
        .globl  fathom_test_system_call_holding
        .type   fathom_test_system_call_holding, %function
fathom_test_system_call_holding:
        stp     x29, x30, [sp, #-112]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        str     x1, [sp, #96]
        mov     x8, x2
        ldp     x1, x2, [x0]
        ldp     x3, x4, [x0, #16]
        ldp     x5, x6, [x0, #32]
        ldp     x7, x9, [x0, #48]
        ldp     x10, x11, [x0, #64]
        ldp     x12, x13, [x0, #80]
        ldp     x14, x15, [x0, #96]
        ldp     x18, x19, [x0, #112]
        ldp     x20, x21, [x0, #128]
        ldp     x22, x23, [x0, #144]
        ldp     x24, x25, [x0, #160]
        ldp     x26, x27, [x0, #176]
        ldp     x28, x29, [x0, #192]
        ldr     x30, [x0, #208]
        cmp     x0, xzr                         // negative and carry are set, zero is not
        mrs     x16, nzcv
        str     x16, [sp, #104]
        svc     #0
        mrs     x16, nzcv
        ldr     x17, [sp, #96]
        stp     x1, x2, [x17]
        stp     x3, x4, [x17, #16]
        stp     x5, x6, [x17, #32]
        stp     x7, x9, [x17, #48]
        stp     x10, x11, [x17, #64]
        stp     x12, x13, [x17, #80]
        stp     x14, x15, [x17, #96]
        stp     x18, x19, [x17, #112]
        stp     x20, x21, [x17, #128]
        stp     x22, x23, [x17, #144]
        stp     x24, x25, [x17, #160]
        stp     x26, x27, [x17, #176]
        stp     x28, x29, [x17, #192]
        str     x30, [x17, #208]
        ldr     x17, [sp, #104]
        eor     x0, x16, x17
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     x29, x30, [sp], #112
        ret
        .size   fathom_test_system_call_holding, . - fathom_test_system_call_holding

// uint64_t fathom_test_system_call_at(uint64_t sp, uint64_t number)
// Makes the call with the stack pointer there; touches nothing there itself.
        .globl  fathom_test_system_call_at
        .type   fathom_test_system_call_at, %function
fathom_test_system_call_at:
        stp     x29, x30, [sp, #-32]!
        str     x19, [sp, #16]
        mov     x19, sp
775:    mov     sp, x0
        proof_fact PROOF_STACK, 775b, PROOF_LAZY_STACK
        mov     x8, x1
        svc     #0
        mov     sp, x19
        ldr     x19, [sp, #16]
        ldp     x29, x30, [sp], #32
        ret
        .size   fathom_test_system_call_at, . - fathom_test_system_call_at

        .section .rodata.make_system_call, "a", %progbits
        .balign 8
        .globl  fathom_test_kept_registers
fathom_test_kept_registers:
        .quad   27
        .section .note.GNU-stack, "", %progbits
