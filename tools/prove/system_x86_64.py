"""x86_64: the CPU's own data at gs, string instructions, and what belongs to the system.

One part of the lifter (lift_x86_64.py).
"""

from .operands_x86_64 import Operand, SIZES, modify, read

CONTEXT_WORD = 16  # native/asm_offsets.h: CPU_CONTEXT_WORD
CPU_SELF = 0
CALM_ONLY = {("and", 0x7fffffff), ("or", 0x80000000)}
READS = ("cmp", "test", "bt", "push", "call", "jmp", "mul", "div", "idiv")  # and do not write
FORBIDDEN = {"cli": "masks interrupts", "sti": "unmasks interrupts", "popf": "sets the mask",
             "popfq": "sets the mask", "iretq": "returns from a trap", "std": "sets the direction",
             "swapgs": "changes the CPU's own data", "sysretq": "leaves the kernel",
             "int": "raises a trap"}
# Model-specific registers that may be written anywhere: the local interrupt controller's place, and
# what the instruction for a system call does (set once, before there is a program).
PLAIN_MSRS = (0x1b, 0xc0000081, 0xc0000082, 0xc0000084)
PLAIN_REGISTERS = ("cr0", "cr2", "cr3", "cr4", "ds", "es")  # and the debug registers
LOADS_TABLE = ("lgdt", "lidt", "ltr", "lldt")
STORES_TABLE = ("sgdt", "sidt", "str")
TABLE_BYTES = 10  # what the first two write; the others write less
BIT_STRINGS = ("bts", "btr", "btc")  # by a register: of all memory from there on
STRINGS = {"stos": ("rdi",), "movs": ("rdi", "rsi"), "scas": ("rdi",), "lods": ("rsi",),
           "cmps": ("rdi", "rsi")}
WRITING = ("stos", "movs")     # to rdi
UNTIL_TOLD = ("scas", "cmps")  # repeated until something is found


def lift_segment(name: str, operands: list[Operand]) -> list[tuple] | None:
    """Accesses to the CPU's own data at gs that matter; None: like any other memory."""
    for index, operand in enumerate(operands):
        if operand.memory is None or operand.memory[0] != "gs":
            continue
        offset, size = operand.memory[2:]
        whole = offset == CONTEXT_WORD and size == 4
        other = operands[1 - index] if len(operands) == 2 else None
        if name == "mov" and index == 1:
            if whole and other.bits == 32:
                return [("word", other.register)]
            if offset == CPU_SELF and other.bits == 64 and other.register is not None:
                return [("self", other.register)]
        if name in READS and whole and other is not None and other.value is not None:
            return [("word_test" if name == "test" else "word_compare", other.value)] \
                if name in ("test", "cmp") else None
        if name in READS or index > 0 and name not in ("xchg", "xadd"):
            return None
        if name in BIT_STRINGS and other.register is not None and offset is not None:
            size = max(size, CONTEXT_WORD + 4 - offset)  # the bit lies anywhere from there on
        if offset is not None and (offset >= CONTEXT_WORD + 4 or offset + size <= CONTEXT_WORD):
            return None
        if whole and other is not None and other.value is not None and \
                (name, other.value & 0xffffffff) in CALM_ONLY:
            return [("flags",)]
        return [("forbidden", "stores to the context word")]
    return None


def lift_system(name: str, operands: list[Operand]) -> list[tuple] | None:
    """What changes the CPU's state; None: nothing of the kind."""
    if name in FORBIDDEN:
        return [("forbidden", FORBIDDEN[name])]
    if name == "wrmsr":
        return [("only", "rcx", PLAIN_MSRS, "writes a model-specific register")]
    if name in LOADS_TABLE:
        return [read(o) for o in operands if o.memory]
    if name in STORES_TABLE:
        return [("modify", *o.memory[1:3], TABLE_BYTES) for o in operands if o.memory] or \
            modify(operands[0])
    if name in ("mov", "pop") and operands[0].special is not None:
        register = operands[0].special
        if register in PLAIN_REGISTERS or register.startswith("dr"):
            return [("flags",)]  # undefined after a move to a control register
        return [("forbidden", f"changes {register}")]
    return None


def lift_string(name: str, text: str, repeated: bool):
    """stos, movs and the like: they walk up from rdi (and rsi)."""
    size = next((SIZES[word] for word in text.split() if word in SIZES), 1)
    if name not in STRINGS:
        if name == "ret":
            return [], ("ret", text)
        if name == "nop":
            return [], None
        return [("error", f"the prover does not know the instruction rep {name}")], None
    count = 1 if not repeated else None if name in UNTIL_TOLD else "rcx"
    reaches = [("reach", r, size, count, r == "rdi" and name in WRITING) for r in STRINGS[name]]
    changed = [*STRINGS[name], *(["rcx"] if repeated else []), *(["rax"] if name == "lods" else [])]
    return [*reaches, ("kill", *changed), ("flags",)], None
