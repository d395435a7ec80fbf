// What every CPU does first, boot CPU and others alike: down to EL1, and the MMU on.
//
// Owns:    fathom_enter_el1, fathom_enter_high_half, fathom_enter_thread_level,
//          fathom_secondary_start.
// Context: EL1 or EL2, all of DAIF masked. Until the MMU is on: physical addresses, so only
//          pc-relative ones; memory is uncached and unaligned accesses would fault, so nothing but
//          registers is used.
//
// Comes from: boot/aarch64/start.S on the boot CPU, the firmware's CPU_ON on the others.
// Goes to:    back to boot/aarch64/start.S; the others go on to fathom_secondary_arrive in smp.cpp.

#include "frame.inc"

// SCTLR_EL1 with the MMU off: its RES1 bits (Arm ARM, D17.2.118). EL2 entry leaves it unknown.
#define SCTLR_OFF 0x30d00800
// And on: M, C (data caches), SA (sp aligned to 16 where it is used), I (instruction caches).
#define SCTLR_ON (SCTLR_OFF | 1 | 1 << 2 | 1 << 3 | 1 << 12)

// MAIR_EL1: 0 is normal write-back memory, 1 Device-nGnRE (native/memory_attributes.hpp).
#define MEMORY_ATTRIBUTES 0x04ff

// TCR_EL1: 39 bits below by TTBR0 (the boot tables' identity, walks from level 1), 48 above by
// TTBR1 which has the ASID (A1); 4 KiB granules; walks are cached and inner shareable.
#define TRANSLATION_BELOW (25 | 1 << 8 | 1 << 10 | 3 << 12)
#define TRANSLATION_ABOVE (16 << 16 | 1 << 22 | 1 << 24 | 1 << 26 | 3 << 28 | 2 << 30)
#define PHYSICAL_SIZE_SHIFT 32

        .section .text.cpu_setup, "ax"

// Returns at EL1h, MMU off. Uses x9 and x10.
        .global fathom_enter_el1
        .type   fathom_enter_el1, %function
fathom_enter_el1:
        mrs     x9, currentel
        cmp     x9, #2 << 2
        b.eq    1f
        b.hi    2f
        ldr     x9, =SCTLR_OFF
        msr     sctlr_el1, x9
        isb
        ret

1:      // EL2. What it could trap, it lets be; what EL1 reads as its own identity, it copies.
        mov     x9, #1 << 31                    // HCR_EL2.RW: EL1 is AArch64
        msr     hcr_el2, x9
        mov     x9, #3                          // counter and timer are EL1's
        msr     cnthctl_el2, x9
        msr     cntvoff_el2, xzr                // virtual time is physical time
        mrs     x9, midr_el1
        msr     vpidr_el2, x9
        mrs     x9, mpidr_el1
        msr     vmpidr_el2, x9
        mov     x9, #0x33ff                     // CPTR_EL2: its RES1 bits; FP traps to EL1
        msr     cptr_el2, x9
        msr     hstr_el2, xzr
        mrs     x9, mdcr_el2
        bic     x9, x9, #0xf00                  // debug registers and exceptions are EL1's
        msr     mdcr_el2, x9
        msr     vttbr_el2, xzr

        // The GIC's system registers, where it has them: EL1 may use them, and nothing is injected.
        mrs     x9, id_aa64pfr0_el1
        ubfx    x9, x9, #24, #4
        cbz     x9, 3f
        mrs     x9, icc_sre_el2
        orr     x9, x9, #1                      // SRE
        orr     x9, x9, #1 << 3                 // Enable
        msr     icc_sre_el2, x9
        isb
        msr     ich_hcr_el2, xzr

3:      ldr     x9, =SCTLR_OFF
        msr     sctlr_el1, x9
        mov     x9, #0x3c5                      // SPSR: EL1h, all of DAIF masked
        msr     spsr_el2, x9
        msr     elr_el2, x30
        eret

2:      wfi                                     // EL3 is firmware's: we cannot be right here
        b       2b
        .size   fathom_enter_el1, . - fathom_enter_el1

// Turns the MMU on with the boot tables and returns to the caller's address in the image's own
// range. Uses x9 to x11.
        .global fathom_enter_high_half
        .type   fathom_enter_high_half, %function
fathom_enter_high_half:
        mov     x9, #MEMORY_ATTRIBUTES
        msr     mair_el1, x9
        ldr     x9, =TRANSLATION_BELOW | TRANSLATION_ABOVE
        mrs     x10, id_aa64mmfr0_el1
        and     x10, x10, #15                   // the widest physical address, encoded as IPS is
        mov     x11, #5                         // 48 bits: our tables' entries have no more
        cmp     x10, x11
        csel    x10, x10, x11, lo
        orr     x9, x9, x10, lsl #PHYSICAL_SIZE_SHIFT
        msr     tcr_el1, x9
        adrp    x9, fathom_boot_identity
        msr     ttbr0_el1, x9
        adrp    x9, fathom_boot_root
        msr     ttbr1_el1, x9                   // ASID 0: the kernel's own tables have another
        tlbi    vmalle1                         // whatever firmware left behind
        ic      iallu
        dsb     nsh
        isb
        ldr     x9, =SCTLR_ON
        msr     sctlr_el1, x9
        isb
        ldr     x9, =IMAGE_OFFSET
        add     x30, x30, x9
        ret
        .size   fathom_enter_high_half, . - fathom_enter_high_half

// x0 = the thread's anchor, x1 = top of its stack, x2 = top of the trap stack. Returns at EL1t with
// vectors, trap stack and thread in place, and floating point trapping. All of DAIF but SError
// stays masked. Called at EL1h with no stack in use. Uses x9.
        .global fathom_enter_thread_level
        .type   fathom_enter_thread_level, %function
fathom_enter_thread_level:
        adrp    x9, fathom_vectors
        add     x9, x9, :lo12:fathom_vectors
        msr     vbar_el1, x9
        msr     cpacr_el1, xzr                  // FP and vector instructions trap
        msr     tpidr_el1, x0
        msr     mdscr_el1, xzr                  // no single step, no breakpoints yet
        msr     oslar_el1, xzr                  // but let a debugger inside the kernel set some
        mov     sp, x2
        msr     spsel, #0
        mov     sp, x1
        isb
        msr     daifclr, #4
        ret
        .size   fathom_enter_thread_level, . - fathom_enter_thread_level

// Where firmware starts another CPU: x0 = the address of its SecondaryStart (smp.cpp), which is
// read only once the caches are on, so that nobody need write it back to memory first.
        .global fathom_secondary_start
        .type   fathom_secondary_start, %function
fathom_secondary_start:
        mov     x19, x0
        bl      fathom_enter_el1
        bl      fathom_enter_high_half

        ldr     x9, [x19, #SECONDARY_TABLE]     // the final table, as load_page_table() does
        mrs     x10, tcr_el1
        orr     x10, x10, #1 << 7               // EPD0: the lower half is gone
        msr     ttbr1_el1, x9
        msr     tcr_el1, x10
        isb
        tlbi    vmalle1
        dsb     nsh
        isb

        ldp     x0, x1, [x19, #SECONDARY_THREAD]
        ldr     x2, [x19, #SECONDARY_TRAP_STACK]
        bl      fathom_enter_thread_level
        mov     x0, x19
        mov     x29, xzr
        mov     x30, xzr                        // backtraces end here
        b       fathom_secondary_arrive
        .size   fathom_secondary_start, . - fathom_secondary_start
