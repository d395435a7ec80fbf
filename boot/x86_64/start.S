// From the boot loader's 32-bit world to the first line of C++.
//
// Both loaders leave us in protected mode, paging off, interrupts off, with flat segments and no
// stack. We check what we were told and what the CPU can do, build the boot page tables, switch to
// long mode, and jump from where we lie in memory to where we are linked.
//
// The boot page tables map, with 2 MiB pages, the first 4 GiB of physical memory twice, at 0 and at
// DIRECT_MAP_BASE, and the first GiB once more at IMAGE_BASE. The mapping at 0 serves the jump, and
// later each starting CPU (kernel/arch/x86_64/secondary_start.S).
//
// Comes from: the ELF entry point (Multiboot2) or the PVH note (header.S).
// Goes to:    boot_main.cpp.

#include <native/asm_offsets.h>

        .set    MULTIBOOT2_LEFT_IN_EAX, 0x36d76289
        .set    PROTOCOL_MULTIBOOT2, 0  // BootProtocol, boot_main.cpp
        .set    PROTOCOL_PVH, 1

        .set    PRESENT_WRITABLE, 3
        .set    PRESENT_WRITABLE_LARGE, 0x83
        .set    LARGE_PAGE, 0x200000
        .set    TABLE, 4096
        .set    DIRECT_MAP_SLOT, (DIRECT_MAP_BASE >> 39) & 511
        .set    IMAGE_SLOT, (IMAGE_BASE >> 39) & 511
        .set    IMAGE_SLOT_IN_TABLE, (IMAGE_BASE >> 30) & 511

        .section .boot.text, "ax", @progbits
        .code32

        .globl  boot_multiboot2_entry
        .type   boot_multiboot2_entry, @function
boot_multiboot2_entry:
        cli
        cld
        movl    $boot_first_stack_top, %esp
        movl    $PROTOCOL_MULTIBOOT2, %ebp
        cmpl    $MULTIBOOT2_LEFT_IN_EAX, %eax
        je      check_cpu
        movl    $not_multiboot2, %esi
        jmp     refuse
        .size   boot_multiboot2_entry, . - boot_multiboot2_entry

// EAX says nothing here; whether EBX points at start information is for its reader to find out.
        .globl  boot_pvh_entry
        .type   boot_pvh_entry, @function
boot_pvh_entry:
        cli
        cld
        movl    $boot_first_stack_top, %esp
        movl    $PROTOCOL_PVH, %ebp
        .size   boot_pvh_entry, . - boot_pvh_entry

// ebp: the protocol; ebx: the loader's information. CPUID leaf 0x80000001, EDX: bit 29 long mode,
// bit 20 no-execute.
        .type   check_cpu, @function
check_cpu:
        movl    %ebx, %edi
        movl    $0x80000000, %eax
        cpuid
        movl    $no_long_mode, %esi
        cmpl    $0x80000001, %eax
        jb      refuse
        movl    $0x80000001, %eax
        cpuid
        btl     $29, %edx
        jnc     refuse
        movl    $no_execute_disable, %esi
        btl     $20, %edx
        jnc     refuse

// The page directories: 4 * 512 pages of 2 MiB, in order.
        movl    $boot_directories, %ecx
        movl    $PRESENT_WRITABLE_LARGE, %eax
        xorl    %edx, %edx
1:      movl    %eax, (%ecx)
        movl    %edx, 4(%ecx)
        addl    $8, %ecx
        addl    $LARGE_PAGE, %eax
        jnc     1b                      # 4 GiB done when the sum wraps

// The two tables above them, then the root.
        movl    $boot_directories + PRESENT_WRITABLE, %eax
        movl    %eax, boot_low_pointers
        movl    %eax, boot_image_pointers + 8 * IMAGE_SLOT_IN_TABLE
        addl    $TABLE, %eax
        movl    %eax, boot_low_pointers + 8
        addl    $TABLE, %eax
        movl    %eax, boot_low_pointers + 16
        addl    $TABLE, %eax
        movl    %eax, boot_low_pointers + 24
        movl    $boot_low_pointers + PRESENT_WRITABLE, %eax
        movl    %eax, boot_page_table
        movl    %eax, boot_page_table + 8 * DIRECT_MAP_SLOT
        movl    $boot_image_pointers + PRESENT_WRITABLE, %eax
        movl    %eax, boot_page_table + 8 * IMAGE_SLOT

// Long mode: CR4, CR3, EFER, CR0, a 64-bit code segment (SDM vol. 3A, 10.8.5).
        movl    $CONTROL_CR4, %eax
        movl    %eax, %cr4
        movl    $boot_page_table, %eax
        movl    %eax, %cr3
        movl    $MSR_EFER, %ecx
        movl    $CONTROL_EFER, %eax
        xorl    %edx, %edx
        wrmsr
        movl    $CONTROL_CR0, %eax
        movl    %eax, %cr0
        lgdtl   boot_descriptor_pointer
        ljmpl   $SELECTOR_CODE, $enter_image
        .size   check_cpu, . - check_cpu

        .code64
        .cfi_sections .debug_frame
        .type   enter_image, @function
enter_image:
        .cfi_startproc simple
        .cfi_def_cfa rsp, 8
        .cfi_undefined rip              # for the debugger: nobody has called this
        movl    $SELECTOR_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %edi, %esi              # the loader's information
        movl    %ebp, %edi              # the protocol
        xorl    %ebp, %ebp              # backtraces end here
        movabsq $fathom_boot_stack_top, %rsp
        movabsq $fathom_boot_main, %rax
        callq   *%rax                   # never returns
        ud2
        .cfi_endproc
        .size   enter_image, . - enter_image

// esi: a sentence. Says it on the serial line and ends the machine, or at least the CPU.
        .code32
        .type   refuse, @function
refuse:
        .set    COM1, 0x3f8
        movw    $COM1 + 3, %dx          # divisor 1 (115200 baud), then 8N1
        movb    $0x80, %al
        outb    %al, %dx
        movw    $COM1, %dx
        movb    $1, %al
        outb    %al, %dx
        movw    $COM1 + 3, %dx
        movb    $3, %al
        outb    %al, %dx
        movl    $refused, %ebx
1:      call    print
        movl    %esi, %ebx
        call    print
        movb    $17, %al                # isa-debug-exit, if it is there: 16 + ExitStatus::failed
        outb    %al, $0xf4
2:      hlt
        jmp     2b
        .size   refuse, . - refuse

// ebx: text.
        .type   print, @function
print:
1:      movw    $COM1 + 5, %dx
        inb     %dx, %al
        testb   $0x20, %al              # ready for a byte
        jz      1b
        movb    (%ebx), %al
        testb   %al, %al
        jz      2f
        movw    $COM1, %dx
        outb    %al, %dx
        incl    %ebx
        jmp     1b
2:      ret
        .size   print, . - print

        .section .boot.rodata, "a", @progbits
refused:
        .asciz  "Fathom cannot start: "
not_multiboot2:
        .asciz  "the boot loader is neither a Multiboot2 one (EAX is not 0x36d76289) nor PVH\n"
no_long_mode:
        .asciz  "this CPU has no 64-bit mode\n"
no_execute_disable:
        .asciz  "this CPU cannot forbid execution of data (no NX bit)\n"

        .balign 8
boot_descriptors:
        .quad   0, DESCRIPTOR_CODE, DESCRIPTOR_DATA
boot_descriptor_pointer:
        .short  boot_descriptor_pointer - boot_descriptors - 1
        .long   boot_descriptors

        .section .boot.bss, "aw", @nobits
        .balign TABLE
        .globl  boot_page_table
boot_page_table:
        .skip   TABLE
boot_low_pointers:
        .skip   TABLE
boot_image_pointers:
        .skip   TABLE
boot_directories:
        .skip   4 * TABLE
        .skip   256
boot_first_stack_top:

// CPU 0's idle thread begins as this boot code and keeps its stack.
        .section .bss.boot_stack, "aw", @nobits
        .balign TABLE
        .globl  fathom_boot_stack_bottom, fathom_boot_stack_top
fathom_boot_stack_bottom:
        .skip   8 * TABLE
fathom_boot_stack_top:

        .section .note.GNU-stack, "", @progbits
