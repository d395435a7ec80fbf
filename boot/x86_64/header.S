// How a boot loader finds us: a Multiboot2 header for GRUB, a PVH note for QEMU's -kernel.
//
// There is no Multiboot1 header: with one present QEMU would take it for the image's format and
// refuse a 64-bit file, PVH note or not.
//
// Comes from: the boot loader.
// Goes to:    start.S, by the ELF file's entry point or by the note's.

        // Multiboot2 specification 2.0, section 3.1.
        .set    MULTIBOOT2_MAGIC, 0xe85250d6
        .set    ARCHITECTURE_I386, 0
        .set    HEADER_TAG_END, 0
        .set    HEADER_TAG_MODULE_ALIGNMENT, 6
        .set    HEADER_SIZE, header_end - header_begin

        .section .boot.header, "a", @progbits
        .balign 8
header_begin:
        .long   MULTIBOOT2_MAGIC
        .long   ARCHITECTURE_I386
        .long   HEADER_SIZE
        .long   0x100000000 - (MULTIBOOT2_MAGIC + ARCHITECTURE_I386 + HEADER_SIZE)

        .short  HEADER_TAG_MODULE_ALIGNMENT, 0  // modules begin on a page
        .long   8

        .short  HEADER_TAG_END, 0
        .long   8
header_end:

        // Xen, public/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY. QEMU reads eight bytes of it.
        .section .note.pvh, "a", @note
        .balign 4
        .long   name_end - name_begin
        .long   8
        .long   18
name_begin:
        .asciz  "Xen"
name_end:
        .balign 4
        .quad   boot_pvh_entry

        .section .note.GNU-stack, "", @progbits
