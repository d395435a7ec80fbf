"""A gate and a switch for each architecture, as the kernel's own, with gaps for mistakes."""

X86_64 = """
            function fathom_page_fault_gate
            push    14
            .irp    r, rax,rcx,rdx,rsi,rdi,r8,r9,r10,r11,rbx,rbp,r12,r13,r14,r15
            push    \\r
            .endr
            mov     eax, dword ptr gs:0x10
            mov     dword ptr [rsp + 124], eax
    771:    add     dword ptr gs:0x10, 0x10000
            record  5, 2
            mov     rdi, rsp
            call    handler
    775:    {word}
            .irp    r, {pops},r13,r12,rbp,rbx,r11,r10,r9,r8,rdi,rsi,rdx,rcx,rax
            pop     \\r
            .endr
            add     rsp, {above}
            iretq
    776:    fact    9, 775b, 776b
            function handler
            ret
            function fathom_switch
            fact    10, fathom_switch, 1
            {begin}
            pop     qword ptr [rdi + 152]
            mov     [rdi + 176], rsp
            mov     [rdi + 56], rbx
            mov     [rdi + 48], rbp
            mov     [rdi + 40], r12
            mov     [rdi + 32], r13
            mov     [rdi + 24], r14
            mov     [rdi + 16], r15
            cmp     dword ptr [rsi + 128], 1
            jne     1f
            mov     rsp, [rsi + {sp}]
            mov     rbx, [rsi + {rbx}]
            mov     rbp, [rsi + 48]
            mov     r12, [rsi + 40]
            mov     r13, [rsi + 32]
            mov     r14, [rsi + 24]
            mov     r15, [rsi + 16]
            jmp     qword ptr [rsi + 152]
    1:      mov     eax, [rsi + 140]
            mov     dword ptr gs:0x10, eax
            lea     rsp, [rsi + {record}]
            .irp    r, {resumed},r13,r12,rbp,rbx,r11,r10,r9,r8,rdi,rsi,rdx,rcx,rax
            pop     \\r
            .endr
            add     rsp, 16
            iretq"""
X86_64_RIGHT = {"word": "sub dword ptr gs:0x10, 0x10000", "pops": "r15,r14", "above": 16,
                "begin": "", "sp": 176, "rbx": 56, "record": 16, "resumed": "r15,r14"}

AARCH64 = """
            .macro  restore base, offset
            ldp     x1, x2, [\\base, #\\offset + {pc}]
            msr     elr_el1, x1
            msr     spsr_el1, x2
    775:    ldr     w1, [\\base, #\\offset + 272]
            mrs     x2, tpidr_el1
            str     w1, [x2]
            ldp     x30, x1, [\\base, #\\offset + 240]
            msr     sp_el0, x1
            .irp    n, 28,26,24,22,20,18,16,14,12,10,8,6,4,2,0
            .altmacro
            two     ldp, \\base, \\n, %(\\n + 1), \\offset
            .noaltmacro
            .endr
            .endm
            .macro  two name, base, n, m, offset
            \\name  x\\n, x\\m, [\\base, #\\offset + \\n * 8]
            .endm
            .p2align 7
            function fathom_vectors
            b       1f
            .rept   15
            .p2align 7
            brk     #0
            .endr
            .p2align 7
    1:      sub     sp, sp, #288
            .irp    n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28
            .altmacro
            two     stp, sp, \\n, %(\\n + 1), 0
            .noaltmacro
            .endr
            mrs     x0, sp_el0
            stp     x30, x0, [sp, #240]
            mrs     x1, elr_el1
            mrs     x2, spsr_el1
            stp     x1, x2, [sp, #256]
            mrs     x3, tpidr_el1
    771:    ldr     x4, [x3]
            add     w5, w4, #16, lsl #12
            str     w5, [x3]
            record  5, 2
            stp     x4, x5, [sp, #272]
            mov     x0, sp
            bl      handler
            {spoil}
            restore sp, 0
            add     sp, sp, #{size}
            eret
    776:    fact    9, 775b, 776b
            function handler
            ret
            function fathom_switch
            fact    10, fathom_switch, 1
            {begin}
            mov     x9, sp
            .irp    n, 19,21,23,25,27,29
            .altmacro
            two     stp, x0, \\n, %(\\n + 1), 16
            .noaltmacro
            .endr
            str     x9, [x0, #264]
            msr     tpidr_el1, x1
            ldr     x9, [x1, #296]
            cbnz    x9, 2f
            .irp    n, 19,21,23,25,27,29
            .altmacro
            two     ldp, x1, \\n, %(\\n + 1), 16
            .noaltmacro
            .endr
            ldr     x9, [x1, #{sp}]
            mov     sp, x9
            ret     {link}
    2:      msr     daifset, #15
            msr     spsel, #1
            add     x0, x1, #{record}
            restore x0, 0
            eret
    776:    fact    9, 775b, 776b"""
AARCH64_RIGHT = {"pc": 256, "spoil": "nop", "size": 288, "begin": "", "sp": 264, "link": "x30",
                 "record": 16}


def kernel(arch: str, **changes) -> str:
    """The snippet, with mistakes in some gaps."""
    text, right = {"x86_64": (X86_64, X86_64_RIGHT), "aarch64": (AARCH64, AARCH64_RIGHT)}[arch]
    for gap, filling in (right | changes).items():
        text = text.replace("{" + gap + "}", str(filling))
    return text
