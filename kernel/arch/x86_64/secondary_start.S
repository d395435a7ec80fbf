// Where a started CPU begins: real mode, 16 bits, in a page below 1 MiB.
//
// The first part is copied to such a page at boot and runs there, wherever that is: it takes its
// own address from CS. It goes to long mode on boot's page table, which maps that page where it is;
// from the first instruction in the kernel image on, the kernel's own table does.
//
// Comes from: start_cpu() on the boot CPU, by way of INIT and the startup command.
// Goes to:    fathom_secondary_start (start_cpu.cpp).

#include <native/asm_offsets.h>

#define OFFSET(label) (label - fathom_start_code_begin)

        .section .rodata.start_code, "a", @progbits
        .globl  fathom_start_code_begin, fathom_start_code_end
        .balign 16
fathom_start_code_begin:
        .code16
        cli
        cld
        movw    %cs, %ax
        movw    %ax, %ds
        movzwl  %ax, %ebx
        shll    $4, %ebx                # where we are
        leal    OFFSET(start_descriptors)(%ebx), %eax
        movl    %eax, OFFSET(start_descriptor_pointer) + 2
        leal    OFFSET(start_protected)(%ebx), %eax
        movl    %eax, OFFSET(to_protected)
        leal    OFFSET(start_long)(%ebx), %eax
        movl    %eax, OFFSET(to_long)
        lgdtl   OFFSET(start_descriptor_pointer)
        movl    %cr0, %eax
        orl     $1, %eax                # protected mode, no paging yet
        movl    %eax, %cr0
        ljmpl   *OFFSET(to_protected)

        .code32
start_protected:
        movl    $SELECTOR_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
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
        ljmpl   *OFFSET(to_long)(%ebx)

        .code64
start_long:
        movabsq $secondary_entry, %rax
        jmpq    *%rax

        .balign 8
start_descriptors:
        .quad   0, DESCRIPTOR_CODE, DESCRIPTOR_DATA, DESCRIPTOR_CODE32
start_descriptor_pointer:
        .short  start_descriptor_pointer - start_descriptors - 1
        .long   0                       # filled in above, as are the two far pointers
to_protected:
        .long   0
        .short  SELECTOR_CODE32
to_long:
        .long   0
        .short  SELECTOR_CODE
fathom_start_code_end:

        .cfi_sections .debug_frame
        .section .text.secondary_entry, "ax", @progbits
        .type   secondary_entry, @function
secondary_entry:
        .cfi_startproc simple
        .cfi_def_cfa rsp, 8
        .cfi_undefined rip              # for the debugger, too
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %eax, %gs
        movl    $1, %eax                # CPUID leaf 1: our local APIC id in EBX 31-24
        cpuid
        shrl    $24, %ebx
        movzbl  fathom_start_index(%rbx), %edi
        movq    fathom_start_page_table, %rax
        movq    %rax, %cr3
        movq    fathom_start_stack(, %rdi, 8), %rsp
        xorl    %ebp, %ebp              # backtraces end here
        callq   fathom_secondary_start  # the index, still in edi
        ud2
        .cfi_endproc
        .size   secondary_entry, . - secondary_entry

        .section .note.GNU-stack, "", @progbits
