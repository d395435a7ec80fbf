// The page tables that boot runs on until mm has built the real ones: wholly known when linking, so
// that no code is needed to make them.
//
//     TTBR1  0xffff8000'00000000 + 0 .. 1 GiB    devices
//                                + 1 .. 256 GiB  RAM (QEMU's virt has at most 255 GiB)
//            0xffffffff'80000000 + 1 GiB         the image: the first GiB of RAM, at 0x40000000
//     TTBR0  0x40000000 + 1 GiB                  the same, where it lies: for the few instructions
//                                                between the MMU and the jump up
//
// Owns:    fathom_boot_root, fathom_boot_identity.
// Context: constants; read by the table walker of each CPU that starts. Entries: Arm ARM, D8.3.
// All are global to nobody (nG): they carry boot's ASID 0, so that no entry of theirs can outlive
// the change to the kernel's own tables.

#include <native/asm_offsets.h>

#define TABLE 0b11
#define BLOCK 0b01
#define DEVICE (1 << 2)                         // AttrIndx 1
#define SHARED (3 << 8)                         // inner shareable
#define ACCESSED (1 << 10)
#define NOT_GLOBAL (1 << 11)
#define NEVER_EXECUTE (1 << 53 | 1 << 54)
#define MEMORY_BLOCK (BLOCK | SHARED | ACCESSED | NOT_GLOBAL)
#define GIGABYTE (1 << 30)

        .section .data.boot_tables, "aw"

// Two tables in one page: TTBR1 reads it as level 0, 512 GiB an entry, TTBR0, whose addresses have
// 39 bits, as level 1. The kernel's addresses use TTBR1's entries 256 and 511, the identity TTBR0's
// entry 1; nobody goes by the others.
        .balign 4096
        .global fathom_boot_root
        .global fathom_boot_identity
fathom_boot_root:
fathom_boot_identity:
        .fill   1, 8, 0
        .quad   GIGABYTE | MEMORY_BLOCK                // TTBR0
        .fill   254, 8, 0
        .quad   kernel_half - IMAGE_OFFSET + TABLE     // TTBR1: the direct map
        .fill   254, 8, 0
        .quad   kernel_half - IMAGE_OFFSET + TABLE     // TTBR1: the image

// Level 1, 1 GiB an entry, for both of root's entries: the direct map in its lower half, the image
// near its end.
kernel_half:
        .quad   MEMORY_BLOCK | DEVICE | NEVER_EXECUTE
        .set    address, GIGABYTE
        .rept   255
        .quad   address | MEMORY_BLOCK | NEVER_EXECUTE
        .set    address, address + GIGABYTE
        .endr
        .fill   254, 8, 0
        .quad   GIGABYTE | MEMORY_BLOCK
        .fill   1, 8, 0
