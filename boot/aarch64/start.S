// The first instructions: from where the boot loader left us to C++ at the linked addresses.
//
// The image is either an ELF file, put into place and entered by QEMU's -kernel (x0 = 0, the device
// tree at the start of RAM), or a flat arm64 Image (x0 = the device tree), whose header is here.
//
// Owns:    the Image header, the boot thread and the stacks that are there before any other.
// Context: EL1 or EL2, MMU off, all of DAIF masked.
// Story:   comes from the boot loader; goes on in boot.cpp (fathom_boot).

#include <native/asm_offsets.h>

#define BOOT_STACK_BYTES 32768
#define EARLY_TRAP_STACK_BYTES 16384
#define EARLY_PANIC_STACK_BYTES (1 << PANIC_STACK_SHIFT)

        .section .text.head, "ax"
        .global fathom_start
        .type   fathom_start, %function
// The header of an arm64 Image (Linux, Documentation/arm64/booting.rst).
fathom_start:
        b       start                           // also the entry of the ELF file
        nop
        .quad   fathom_image_text_offset        // from the start of RAM, 2 MiB aligned
        .quad   fathom_image_size               // with .bss: nothing else is put there
        .quad   0b0010                          // little endian, 4 KiB pages, near the start of RAM
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .long   0                               // no PE header

start:
        mov     x20, x0                         // the device tree, or 0
        bl      fathom_enter_el1
        bl      fathom_enter_high_half          // caches are on, addresses are the linked ones

        // A flat Image carries no zeroes for .bss.
        adrp    x0, fathom_bss_begin
        adrp    x1, fathom_data_end             // both page aligned
1:      stp     xzr, xzr, [x0]
        stp     xzr, xzr, [x0, #16]
        stp     xzr, xzr, [x0, #32]
        stp     xzr, xzr, [x0, #48]
        stp     xzr, xzr, [x0, #64]
        stp     xzr, xzr, [x0, #80]
        stp     xzr, xzr, [x0, #96]
        stp     xzr, xzr, [x0, #112]
        add     x0, x0, #128
        cmp     x0, x1
        b.lo    1b

        // The stacks of traps that come before kernel_main has made better ones.
        adrp    x9, fathom_trap_stack_tops
        add     x9, x9, :lo12:fathom_trap_stack_tops
        adrp    x2, fathom_early_trap_stack_top
        adrp    x3, fathom_early_panic_stack_top
        stp     x2, x3, [x9]

        adrp    x0, fathom_boot_thread
        add     x0, x0, :lo12:fathom_boot_thread
        adrp    x1, fathom_boot_stack_top
        bl      fathom_enter_thread_level
        mov     x0, x20
        mov     x29, xzr
        mov     x30, xzr                        // backtraces end here
        b       fathom_boot
        .size   fathom_start, . - fathom_start

// The thread that boot code counts as, until kernel_main adopts its own: one ThreadAnchor, born
// atomic (interrupt depth 1, calm), on CPU 0.
        .section .data.fathom_boot_thread, "aw"
        .balign 16
fathom_boot_thread:
        .quad   1 << 32 | 1 << 16               // kBornAtomic
        .long   0                               // cpu_index
        .byte   1, 0, 0, 0                      // on_cpu
        .fill   FRAME_SIZE, 1, 0

// Page aligned, so that adrp alone reaches a top. The boot stack goes on as CPU 0's idle stack.
        .section .bss.fathom_stacks, "aw", %nobits
        .balign 4096
        .global fathom_boot_stack, fathom_boot_stack_top
fathom_boot_stack:
        .skip   BOOT_STACK_BYTES
fathom_boot_stack_top:
        .skip   EARLY_TRAP_STACK_BYTES
        .global fathom_early_trap_stack_top
fathom_early_trap_stack_top:
        .skip   EARLY_PANIC_STACK_BYTES
        .global fathom_early_panic_stack_top
fathom_early_panic_stack_top:
