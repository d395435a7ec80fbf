"""What the bytes say of a fact that is about them: MASK and END (kernel/lib/proof_fact.h).

Both let pass what is refused elsewhere, so they must stand where just that is done. Which facts are
believed without a look: believed().
"""

import re

from .records import Fact

OPENS = ("sti", "msr daifclr, #0x2")
CLOSES = ("cli", "msr daifset, #0x2")
CLOSES_FOR_EVER = ("cli", "msr daifset, #0xf")
WAITS = ("hlt", "wfi", "wfe", "isb", "dsb", "nop", "pause", "yield")
PADS = ("cs", "data16")  # in front of a nop, where a loop is aligned
JUMPS = ("jmp", "b")
# aarch64: the other stack pointer has a name only while it is in use.
OTHER_STACK = r"msr spsel, #0x1; mov sp, x\d+; msr spsel, #0x0"
# Facts that say what no byte shows.
BELIEVED = {Fact.ENTRY_CODE: "may change mask, stack pointer in use and context word",
            Fact.RETURN_FROM_TRAP: "may change the mask and the context word, and return",
            Fact.STACK: "goes to the populated or fresh stack that it names",
            Fact.CALL: "calls functions of this class only",
            Fact.TABLE: "holds functions of this class"}


def comes_back(program, begin: int, end: int) -> bool:
    """Whether [begin, end) leaves the mask and sp as they are: it opens interrupts, waits, and
    closes them, or sets the stack pointer that is not in use; and does nothing else."""
    lines, at = [], begin
    while at < end:
        instruction = _inside(program, begin, at)
        if instruction is None:
            return False
        lines.append(instruction)
        at = instruction.end
    texts = [str(line) for line in lines]
    if at != end or len(lines) < 2:
        return False
    if texts[0] in OPENS and texts[-1] in CLOSES:
        return all(line.mnemonic in WAITS for line in lines[1:-1])
    return re.fullmatch(OTHER_STACK, "; ".join(texts)) is not None


def stops_for_ever(program, place: int) -> bool:
    """Whether nothing but waiting with interrupts off follows, round and round."""
    at, seen = place, set()
    while at not in seen:
        seen.add(at)
        instruction = _inside(program, place, at)
        if instruction is None:
            return False
        if instruction.mnemonic in JUMPS:
            at = int(instruction.operands, 16)
        elif _waits(instruction) or str(instruction) in CLOSES_FOR_EVER:
            at = instruction.end
        else:
            return False
    return True


def _waits(instruction) -> bool:
    words = [word for word in str(instruction).split() if word not in PADS]
    return words[0] in WAITS or words == ["xchg", "ax,ax"]


def _inside(program, place: int, at: int):
    """The instruction at `at`, if it is of the function that holds `place`: an analysis must know
    which functions it depends on."""
    function = program.image.function_at(place)
    if function is None or not function.start <= at < function.end:
        return None
    return program.code.get(at)


def believed(program) -> list[tuple[int, str]]:
    """The facts that nothing is held against: (place, what it says). Those of locks, of which there
    are hundreds, are one."""
    facts = program.records.facts
    locks = sum(kind in (Fact.LOCK, Fact.UNLOCK) for kind, _, _ in facts)
    return sorted({(place, f"{kind.name.lower()}: {BELIEVED[kind]}")
                   for kind, place, _ in facts if kind in BELIEVED}) + \
        [(0, f"lock, unlock: {locks} places take or give back a spinlock")]
