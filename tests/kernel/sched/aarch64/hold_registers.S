// Known values in registers, while the thread is switched away from.
//
// Context: preemptible, on an application thread.

#include <lib/proof_fact.h>

        .macro  save_kept
        stp     x29, x30, [sp, #-112]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        stp     x23, x24, [sp, #48]
        stp     x25, x26, [sp, #64]
        stp     x27, x28, [sp, #80]
        .endm
        .macro  restore_kept
        ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x23, x24, [sp, #48]
        ldp     x25, x26, [sp, #64]
        ldp     x27, x28, [sp, #80]
        ldp     x29, x30, [sp], #112
        .endm

        .section .text.hold_registers, "ax", %progbits

// void fathom_test_call_holding(const uint64_t* in, uint64_t* out, void (*function)(void*),
//                               void* argument)
// Loads the registers that a call keeps, calls, and stores them.
        .globl  fathom_test_call_holding
        .type   fathom_test_call_holding, %function
fathom_test_call_holding:
        save_kept
        str     x1, [sp, #96]
        ldp     x19, x20, [x0]
        ldp     x21, x22, [x0, #16]
        ldp     x23, x24, [x0, #32]
        ldp     x25, x26, [x0, #48]
        ldp     x27, x28, [x0, #64]
        mov     x0, x3
        proof_fact PROOF_CALL, 776f, PROOF_CALL_HOLDING
776:    blr     x2
        ldr     x1, [sp, #96]
        stp     x19, x20, [x1]
        stp     x21, x22, [x1, #16]
        stp     x23, x24, [x1, #32]
        stp     x25, x26, [x1, #48]
        stp     x27, x28, [x1, #64]
        restore_kept
        ret
        .size   fathom_test_call_holding, . - fathom_test_call_holding

// void fathom_test_spin_holding(const uint64_t* in, uint64_t* out, uint64_t turns)
// Loads every register but sp and x17, counts down in x17, and stores them.
        .globl  fathom_test_spin_holding
        .type   fathom_test_spin_holding, %function
fathom_test_spin_holding:
        save_kept
        str     x1, [sp, #96]
        mov     x17, x2
        ldp     x1, x2, [x0, #8]
        ldp     x3, x4, [x0, #24]
        ldp     x5, x6, [x0, #40]
        ldp     x7, x8, [x0, #56]
        ldp     x9, x10, [x0, #72]
        ldp     x11, x12, [x0, #88]
        ldp     x13, x14, [x0, #104]
        ldp     x15, x16, [x0, #120]
        ldp     x18, x19, [x0, #136]
        ldp     x20, x21, [x0, #152]
        ldp     x22, x23, [x0, #168]
        ldp     x24, x25, [x0, #184]
        ldp     x26, x27, [x0, #200]
        ldp     x28, x29, [x0, #216]
        ldr     x30, [x0, #232]
        ldr     x0, [x0]
1:      sub     x17, x17, #1
        cbnz    x17, 1b
        ldr     x17, [sp, #96]
        stp     x0, x1, [x17]
        stp     x2, x3, [x17, #16]
        stp     x4, x5, [x17, #32]
        stp     x6, x7, [x17, #48]
        stp     x8, x9, [x17, #64]
        stp     x10, x11, [x17, #80]
        stp     x12, x13, [x17, #96]
        stp     x14, x15, [x17, #112]
        stp     x16, x18, [x17, #128]
        stp     x19, x20, [x17, #144]
        stp     x21, x22, [x17, #160]
        stp     x23, x24, [x17, #176]
        stp     x25, x26, [x17, #192]
        stp     x27, x28, [x17, #208]
        stp     x29, x30, [x17, #224]
        restore_kept
        ret
        .size   fathom_test_spin_holding, . - fathom_test_spin_holding

// uint64_t fathom_test_spin_with_flags(uint64_t flags, uint64_t turns)
// Sets NZCV, spins without an instruction that changes any of them, and returns them.
        .globl  fathom_test_spin_with_flags
        .type   fathom_test_spin_with_flags, %function
fathom_test_spin_with_flags:
        msr     nzcv, x0
1:      sub     x1, x1, #1
        cbnz    x1, 1b
        mrs     x0, nzcv
        ret
        .size   fathom_test_spin_with_flags, . - fathom_test_spin_with_flags

        .section .rodata.hold_registers, "a", %progbits
        .balign 8
        .globl  fathom_test_called_registers
fathom_test_called_registers:
        .quad   10
        .globl  fathom_test_all_registers
fathom_test_all_registers:
        .quad   30
        .globl  fathom_test_flags
fathom_test_flags:
        .quad   0xf0000000
        .section .note.GNU-stack, "", %progbits
