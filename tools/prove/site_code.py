"""A site's bytes against its record: each sequence must be one of the few that may stand there.

The forms are those of kernel/arch/<arch>/native/stack_probe.hpp, context_switch.hpp (the first step
of a thread) and vectors.S (what the hardware turned off). A record whose bytes are of another form
is an error, so what a site does can be taken from its record.
"""

import re

from .disassembly import Instruction
from .records import (API_BOUNDARY, IRQS_OFF, IRQS_ON, PREEMPT_OFF, PREEMPT_ON, Site,
                      SYSTEM_CALL, THREAD_START, TRAP_ENTRY)

X86_WORD = "DWORD PTR gs:0x10"


def forms(arch: str, site: Site) -> list[list[str]]:
    """The sequences, as patterns of lines, that a record allows."""
    return (_x86_64 if arch == "x86_64" else _aarch64)(site)


def _touch_kind(site: Site) -> str:
    """How the record says that the stack is touched ahead."""
    if not site.window:
        return "never"
    return {4: "always", 5: "if preemptible"}.get(site.rule, "wrong")


def _x86_64(site: Site) -> list[list[str]]:
    load = rf"test BYTE PTR \[rsp-{site.window:#x}\],al"
    touch = {"never": [], "always": [load],
             "if preemptible": [f"test {X86_WORD},0x7fffffff", "jne @end-of-touch", load]}
    before = touch.get(_touch_kind(site))
    if site.turn in (PREEMPT_OFF, IRQS_OFF):
        change = [f"inc {X86_WORD}"] if site.turn == PREEMPT_OFF else \
            ["cli", f"add {X86_WORD},0x10000"]
        return [] if before is None else [before + change]
    open_again = [f"sub {X86_WORD},0x10000", "sti"]
    unknown = [open_again[0], f"test {X86_WORD},0x7fff0000", "jne @end", "sti",
               f"cmp {X86_WORD},0x0"]
    return {PREEMPT_ON: [[f"dec {X86_WORD}"]],
            IRQS_ON: [open_again if site.rule == 4 else unknown],
            THREAD_START: [open_again],
            SYSTEM_CALL: [["sti"]],
            TRAP_ENTRY: [[f"add {X86_WORD},0x10000"],
                         ["cli", rf"mov (?P<word>r10d),{X86_WORD}", f"add {X86_WORD},0x10000"]],
            API_BOUNDARY: [[]]}.get(site.turn, [])


def _aarch64(site: Site) -> list[list[str]]:
    low, whole = r"ldr (?P<w>w\d+), \[(?P<self>x\d+)\]", r"ldr (?P<x>x\d+), \[(?P=self)\]"
    store = r"str (?P=w), \[(?P=self)\]"

    def change(operation: str, amount: str) -> list[str]:
        return [low, f"{operation} (?P=w), (?P=w), {amount}", store]

    one_irq = "#0x10, lsl #12"
    if site.window <= 256:
        load = [rf"ldurb wzr, \[sp, #-{site.window}\]"]
    else:
        far = "#0x1, lsl #12" if site.window == 4096 else f"#{site.window:#x}"
        load = [f"sub x16, sp, {far}", r"ldrb wzr, \[x16\]"]
    touch = {"never": [], "always": load,
             "if preemptible": [low, "cbnz (?P=w), @end-of-touch", *load]}
    before = touch.get(_touch_kind(site))
    if site.turn in (PREEMPT_OFF, IRQS_OFF):
        after = change("add", "#0x1") if site.turn == PREEMPT_OFF else \
            [r"msr daifset, #0x2", *change("add", one_irq)]
        return [] if before is None else [before + after]
    outermost = [*change("sub", one_irq), "msr daifclr, #0x2", whole]
    nested_or_not = [*change("sub", one_irq), "tst (?P=w), #0x7fff0000", "b.ne @end",
                     "msr daifclr, #0x2", whole]
    without = [change("sub", "#0x1")]
    return {PREEMPT_ON: without if site.rule == 3 else [[*without[0], whole]],
            IRQS_ON: [outermost if site.rule == 4 else nested_or_not],
            THREAD_START: [outermost],
            TRAP_ENTRY: [[r"ldr (?P<x>x4), \[(?P<self>x3)\]", "add (?P<w>w5), w4, " + one_irq,
                          store]],
            API_BOUNDARY: [[]]}.get(site.turn, [])


class SiteCode:
    """What is taken from a site's instructions: its registers. x16 is no x86_64's."""
    __slots__ = ("self_register", "result", "scratch")

    def __init__(self, names: dict[str, str]):
        self.self_register = names.get("self")
        self.result = names.get("x")
        self.scratch = tuple("x" + names[n][1:] for n in ("w", "x") if n in names)
        self.scratch += ("r10",) if "word" in names else ("x16",)


def check(arch: str, site: Site, code: dict[int, Instruction]) -> SiteCode | None:
    """The site's registers if its bytes are of a form that its record allows, else None."""
    lines, at, end = [], site.pc, site.pc + site.length
    while at < end:
        instruction = code.get(at)
        if instruction is None:
            return None
        lines.append(instruction)
        at = instruction.end
    if at != end:
        return None
    for form in forms(arch, site):
        names = _match(form, lines, end)
        if names is not None and _self_stays(form, names):
            return SiteCode(names)
    return None


def _self_stays(form: list[str], names: dict[str, str]) -> bool:
    """Whether the register that points to the running thread does so to the end: it is neither the
    one that the depth is changed in, nor where a load far below sp puts its address."""
    written = {"x" + names["w"][1:]} if "w" in names else set()
    if any("x16" in pattern for pattern in form):
        written.add("x16")
    return names.get("self") not in written


def _match(form: list[str], lines: list[Instruction], end: int) -> dict[str, str] | None:
    if len(form) != len(lines):
        return None
    names: dict[str, str] = {}
    after_touch = None
    for pattern, line in zip(form, lines):
        goal = re.search(r"@end(-of-touch)?$", pattern)
        text = str(line)
        if goal:
            target = int(re.split(r"[ ,]+", text)[-1], 16)
            text = re.sub(r"[0-9a-f]+$", goal.group(0), text)
            if goal.group(1):
                after_touch = target
            elif target != end:
                return None
        for name in re.findall(r"\(\?P=(\w+)\)", pattern):
            pattern = pattern.replace(f"(?P={name})", names.get(name, "?"))
        for name in re.findall(r"\(\?P<(\w+)>", pattern):
            if name in names:  # stated before: the same again
                pattern = re.sub(rf"\(\?P<{name}>[^)]*\)", names[name], pattern)
        found = re.fullmatch(pattern, text)
        if found is None:
            return None
        names.update(found.groupdict())
    if after_touch is not None:
        loads = [i for i, p in enumerate(form) if "wzr" in p or p.startswith("test BYTE")]
        if lines[loads[-1]].end != after_touch:
            return None
    return names
