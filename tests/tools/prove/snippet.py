"""Small kernels for the prover's tests: assembled, linked, and proved.

A snippet is assembly text. The macros below write sites as the kernel's own asm blocks do, so that
each test shows just the frame, call or mistake that it is about:

    off RULE, WINDOW    preemption off      on RULE    preemption on
    irqs_off RULE       interrupts off      irqs_on RULE    interrupts on (x86_64; no window)
    entry NAME, KIND    a thread entry (1 application, 2 kernel), followed by thread_begin
"""

import functools
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))

from prove.image import Image  # noqa: E402
from prove.program import Program  # noqa: E402
from prove.rules import Proof, conclude  # noqa: E402

COMMON = """
        .macro  record turn, rule, window=0
772:    .pushsection .stack_sites, "a"
        .long   771b - .
        .byte   \\turn | \\rule << 4
        .byte   772b - 771b
        .short  \\window
        .popsection
        .endm
        .macro  fact kind, place, value=0
        .pushsection .debug_prover, "", %progbits
        .quad   \\kind, \\place, \\value
        .popsection
        .endm
        .macro  function name
        .globl  \\name
        .type   \\name, %function
\\name:
        .endm
        .macro  entry name, kind
        .pushsection .thread_entries, "a"
        .quad   \\name, \\kind
        .popsection
        function \\name
        begin
        .endm
        fact    11, _start, 1
        .text
function _start
"""
X86_64 = COMMON + """
        .intel_syntax noprefix
        ud2
        .macro  begin
771:    sub     dword ptr gs:0x10, 0x10000
        sti
        record  6, 3
        .endm
        .macro  off rule, window=0
771:    .if     \\rule == 5
        test    dword ptr gs:0x10, 0x7fffffff
        jnz     773f
        .endif
        .if     \\window
        test    byte ptr [rsp - \\window], al
        .endif
773:    inc     dword ptr gs:0x10
        record  1, \\rule, \\window
        .endm
        .macro  on rule
771:    dec     dword ptr gs:0x10
        record  2, \\rule
        .endm
        .macro  irqs_off rule
771:    cli
        add     dword ptr gs:0x10, 0x10000
        record  3, \\rule
        .endm
        .macro  irqs_on rule
771:    sub     dword ptr gs:0x10, 0x10000
        sti
        record  4, \\rule
        .endm
"""
AARCH64 = COMMON + """
        brk     #0
        .macro  begin
        mrs     x9, tpidr_el1
771:    ldr     w10, [x9]
        sub     w10, w10, #16, lsl #12
        str     w10, [x9]
        msr     daifclr, #2
        ldr     x10, [x9]
        record  6, 3
        .endm
        .macro  off rule, window=0
        mrs     x9, tpidr_el1
771:    .if     \\window
        .if     \\window <= 256
        ldurb   wzr, [sp, #-\\window]
        .else
        sub     x16, sp, #\\window
        ldrb    wzr, [x16]
        .endif
        .endif
        ldr     w10, [x9]
        add     w10, w10, #1
        str     w10, [x9]
        record  1, \\rule, \\window
        .endm
        .macro  on rule
        mrs     x9, tpidr_el1
771:    ldr     w10, [x9]
        sub     w10, w10, #1
        str     w10, [x9]
        .if     \\rule != 3
        ldr     x10, [x9]
        .endif
        record  2, \\rule
        .endm
"""
SCRIPT = """
SECTIONS {
    . = 0xffffffff80100000;
    .text : { *(.text .text.*) }
    .rodata : {
        fathom_sites_begin = .; KEEP(*(.stack_sites)) fathom_sites_end = .;
        . = ALIGN(8);
        fathom_thread_entries_begin = .; KEEP(*(.thread_entries)) fathom_thread_entries_end = .;
        *(.rodata*)
    }
    .data : { *(.data*) }
}
"""
PRELUDES = {"x86_64": X86_64, "aarch64": AARCH64}
NOT_ABOUT = {"no-entry", "switch", "no-sites"}  # a snippet is no kernel


def link(arch: str, text: str, place: pathlib.Path, *options: str) -> Image:
    """A snippet as a kernel image in the folder `place`; the linker may have more options."""
    (place / "a.S").write_text(PRELUDES[arch] + text + "\n")
    (place / "a.ld").write_text(SCRIPT)
    subprocess.run([f"{arch}-linux-gnu-as", "-o", place / "a.o", place / "a.S"], check=True)
    subprocess.run([f"{arch}-linux-gnu-ld", "-q", "-T", place / "a.ld", "-o", place / "a.elf",
                    *options, place / "a.o"], check=True, stderr=subprocess.DEVNULL)
    return Image(str(place / "a.elf"))


@functools.cache
def prove(arch: str, text: str, *options: str) -> Proof:
    """The proof of a snippet."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(link(arch, text, pathlib.Path(folder), *options))
    program.prove()
    return conclude(program)


def kinds(arch: str, text: str) -> set[str]:
    """The kinds of findings of a snippet."""
    return {f.kind for f, _ in prove(arch, text).findings} - NOT_ABOUT


def depths(arch: str, text: str) -> list[int]:
    """The depths of the sections that a snippet opens on lazy stacks."""
    return [s.depth for s in prove(arch, text).sites.values() if s.depth is not None]
