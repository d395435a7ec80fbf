"""x86_64 instructions as a few machine-neutral operations (see step.py for what they mean).

Only what matters to the proof is kept: where sp goes, which stack bytes are touched, which
registers and slots hold known values, and what would open or close the world. A mnemonic that is
not listed here is an error, never a guess.
"""

import re

from .disassembly import Instruction
from .operands_x86_64 import Operand, REGISTERS, SIZES, operands_of

ARGUMENTS = ("rdi", "rsi", "rdx", "rcx", "r8", "r9")
CALLER_SAVED = ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11")
CALLEE_SAVED = ("rbx", "rbp", "r12", "r13", "r14", "r15")
STACK_POINTER = "rsp"
RETURN_ADDRESS_BYTES = 8
RETURN_REGISTER = None  # it is on the stack
CONTEXT_WORD = 16  # native/asm_offsets.h: CPU_CONTEXT_WORD
CPU_SELF = 0
CALM_ONLY = {("and", 0x7fffffff), ("or", 0x80000000)}
# Two operands, the first read and written; flags by the result.
ARITHMETIC = {"add", "sub", "and", "or", "xor", "adc", "sbb", "shl", "shr", "sar", "rol", "ror",
              "shld", "shrd", "imul", "neg", "not", "inc", "dec", "bts", "btr", "btc", "bswap",
              "rcl", "rcr", "sal"}
KEEP_FLAGS = {"not", "bswap"}
PLAIN = {"bsf", "bsr", "tzcnt", "lzcnt", "popcnt", "movsx", "movsxd", "andn", "blsr", "bextr"}
CONDITIONS = {"e": True, "z": True, "ne": False, "nz": False}
NOTHING = {"nop", "pause", "endbr64", "lfence", "mfence", "sfence", "cld", "hlt", "data16",
           "invlpg", "lgdt", "lidt", "ltr", "sgdt", "sidt", "wbinvd", "fwait", "lldt", "str"}
IMPLICIT = {"cpuid": ("rax", "rbx", "rcx", "rdx"), "rdmsr": ("rax", "rdx"), "wrmsr": (),
            "rdtsc": ("rax", "rdx"), "rdtscp": ("rax", "rcx", "rdx"), "cdqe": ("rax",),
            "cqo": ("rdx",), "cdq": ("rdx",), "cwde": ("rax",), "in": ("rax",), "out": (),
            "cbw": ("rax",), "xgetbv": ("rax", "rdx"), "lahf": ("rax",), "sahf": ()}
FORBIDDEN = {"cli": "masks interrupts", "sti": "unmasks interrupts", "popf": "sets the mask",
             "popfq": "sets the mask", "iretq": "returns from a trap", "std": "sets the direction",
             "swapgs": "changes the CPU's own data", "sysretq": "leaves the kernel",
             "int": "raises a trap"}


def lift(instruction: Instruction) -> tuple[list[tuple], tuple | None]:
    """The operations of an instruction, and where it goes (None: on to the next)."""
    name, text = instruction.mnemonic, instruction.operands
    while name in ("lock", "rep", "repz", "repnz", "cs", "ds", "bnd", "notrack", "data16", "repe",
                   "xacquire", "xrelease", "addr32", "rex.W"):
        if not text:
            return [], None
        prefix, (name, _, text) = name, text.partition(" ")
        text = text.strip()
        if prefix.startswith("rep"):
            return lift_string(name, text)
    flow = lift_flow(name, text)
    if flow is not None:
        return flow
    if name in FORBIDDEN:
        after = ("trap_return",) if name == "iretq" else None
        return [("forbidden", FORBIDDEN[name])], after
    if name in NOTHING or name == "syscall":
        return [("system_call", "rax", "rcx", "r11")] if name == "syscall" else [], None
    if name in IMPLICIT:
        return [("kill", *IMPLICIT[name])] + [("flags",)] * (name == "sahf"), None
    operands = operands_of(text)
    special = _segment(name, operands)
    if special is not None:
        return special, None
    return lift_data(name, operands, text), None


def lift_flow(name: str, text: str):
    """Branches, calls and ends."""
    if name == "ret":
        return [], ("ret", text)
    if name in ("ud2", "int3"):
        return [], ("stop",)
    if name == "leave":
        return [("set", "rsp", "rbp"), ("pop", "rbp")], None
    if name in ("jmp", "call"):
        if re.fullmatch(r"[0-9a-f]+", text) and text not in REGISTERS:
            return [], ("jump" if name == "jmp" else "call", int(text, 16))
        operand = Operand(text)
        reads = [("access", operand.memory[1], operand.memory[2], 8)] if operand.memory else []
        return reads, ("ijump" if name == "jmp" else "icall", operand.register)
    if name[0] == "j":
        want = CONDITIONS.get(name[1:])
        condition = ("z", want) if want is not None else None
        return [], ("branch", condition, int(text, 16))
    return None


def _segment(name: str, operands: list[Operand]):
    """Accesses to the CPU's own data at gs."""
    for index, operand in enumerate(operands):
        if operand.memory is None or operand.memory[0] != "gs":
            continue
        offset = operand.memory[2] if operand.memory[1] is None else None
        covers = offset is None or offset < CONTEXT_WORD + 4 and offset + operand.bits // 8 > \
            CONTEXT_WORD
        other = operands[1 - index] if len(operands) == 2 else None
        if name == "mov" and index == 1:
            d = other.register
            if offset == CONTEXT_WORD and operand.bits == 32:
                return [("word", d)]
            return [("self", d) if offset == CPU_SELF else ("unknown", d)]
        if name in ("test", "cmp") and offset == CONTEXT_WORD and other.value is not None:
            return [("word_test", other.value) if name == "test" else ("word_compare", other.value)]
        if name in ("test", "cmp", "movzx"):
            return [("unknown", operands[0].register), ("flags",)]
        if not covers:
            return [("flags",)]
        if offset == CONTEXT_WORD and other is not None and \
                (name, other.value if other.value is None else other.value & 0xffffffff) in \
                CALM_ONLY:
            return [("flags",)]
        return [("forbidden", "stores to the context word")]
    return None


def lift_data(name: str, operands: list[Operand], text: str) -> list[tuple]:
    """Moves and arithmetic."""
    if name in ("mov", "movabs", "movzx"):
        return lift_move(operands)
    if name == "lea":
        _, base, offset, _ = operands[1].memory
        if base is None or operands[0].bits != 64:
            return [("unknown", operands[0].register)]
        return [("lea", operands[0].register, base, offset)]
    if name == "push" or name == "pushfq" or name == "pushf":
        first = operands[0] if operands else None
        reads = [_access(first)] if first is not None and first.memory else []
        return reads + [("push", first.simple if first is not None else None)]
    if name == "pop":
        if operands[0].register is None:
            return [("pop", None), _access(operands[0])]
        return [("pop", operands[0].register)]
    if name in ("cmp", "test"):
        reads = [_access(o) for o in operands if o.memory]
        if reads:
            return reads + [("flags",)]
        return [(name, operands[0].simple, operands[1].simple, operands[0].bits)]
    if name.startswith("set"):
        return lift_condition("set", name[3:], operands)
    if name.startswith("cmov"):
        return lift_condition("cmov", name[4:], operands)
    if name in ("xchg", "xadd"):
        return [op for o in operands for op in _write(o)] + [("flags",)]
    if name in ("cmpxchg", "cmpxchg16b", "cmpxchg8b"):
        return _write(operands[0]) + [("kill", "rax", "rdx"), ("flags",)]
    if name in ("mul", "div", "idiv") or name == "imul" and len(operands) == 1:
        reads = [_access(o) for o in operands if o.memory]
        return reads + [("kill", "rax", "rdx"), ("flags",)]
    if name == "bt":
        return [_access(o) for o in operands if o.memory] + [("flags",)]
    if name in ARITHMETIC:
        return lift_arithmetic(name, operands)
    if name in PLAIN:
        return [_access(o) for o in operands[1:] if o.memory] + \
            [("unknown", operands[0].register), ("flags",)]
    if name in ("stos", "movs", "scas", "lods", "cmps"):
        return lift_string(name, text)[0]
    if name in ("addsd", "movsd", "movups", "movaps", "movdqa", "movq", "pxor", "addps"):
        return [_access(o) for o in operands if o.memory]  # tests of the trap that these raise
    return [("error", f"the prover does not know the instruction {name}")]


def lift_move(operands: list[Operand]) -> list[tuple]:
    target, source = operands
    if target.register is None:
        if target.memory is None:
            return []  # a control, debug or segment register
        _, base, offset, size = target.memory
        if offset is None:
            return [("access", base, None, size)]
        return [("store", base, offset, size, source.simple)]
    if source.memory is not None:
        _, base, offset, size = source.memory
        if target.bits < 32:
            return [_access(source), ("unknown", target.register)]
        return [("load", target.register, base, offset, size)]
    if source.simple is None:
        return [("unknown", target.register)]
    if target.bits < 32:
        if target.bits == 8 and source.value is not None:
            return [("low_byte", target.register, source.value & 255)]
        return [("unknown", target.register)]
    if source.value is not None:
        return [("set", target.register, source.value & ((1 << target.bits) - 1))]
    if source.bits == 64:
        return [("set", target.register, source.register)]
    return [("narrow", target.register, source.register, source.bits)]


def lift_condition(kind: str, condition: str, operands: list[Operand]) -> list[tuple]:
    """setcc and cmovcc."""
    want = CONDITIONS.get(condition)
    target = operands[0]
    if kind == "set":
        if target.register is None:
            return [_access(target)]
        return [("set_flag", target.register, want)]
    reads = [_access(o) for o in operands if o.memory]
    other = operands[1].register if operands[1].bits == 64 else None
    return reads + [("select", target.register, other, target.register, want)]


def lift_arithmetic(name: str, operands: list[Operand]) -> list[tuple]:
    target = operands[0]
    if target.register is None:
        return [_access(o) for o in operands if o.memory] + [("flags",)]
    reads = [_access(o) for o in operands if o.memory]
    register, second = target.register, operands[1] if len(operands) > 1 else None
    flags = [] if name in KEEP_FLAGS else [("flags",)]
    if len(operands) == 3 or target.bits < 32 and register != STACK_POINTER:
        return reads + [("unknown", register)] + flags
    if name in ("inc", "dec"):
        return [("add" if name == "inc" else "sub", register, register, 1, target.bits),
                ("zero_flag", register, target.bits)]
    if name in ("add", "sub", "and", "or", "xor", "shr") and not reads and \
            second is not None and second.simple is not None:
        if name == "xor" and second.register == register:
            return [("set", register, 0), ("zero_flag", register, 64)]
        return [(name, register, register, second.simple, target.bits),
                ("zero_flag", register, target.bits)]
    return reads + [("unknown", register)] + flags


def lift_string(name: str, text: str):
    """rep stos, rep movs and the like: they walk up from rdi (and rsi)."""
    size = next((SIZES[word] for word in text.split() if word in SIZES), 1)
    touched = {"stos": ("rdi",), "movs": ("rdi", "rsi"), "scas": ("rdi",), "lods": ("rsi",),
               "cmps": ("rdi", "rsi")}.get(name)
    if touched is None:
        if name == "ret":
            return [], ("ret", text)
        if name == "nop":
            return [], None
        return [("error", f"the prover does not know the instruction rep {name}")], None
    return [("reach", r, size) for r in touched] + \
        [("kill", "rdi", "rsi", "rcx", *(["rax"] if name == "lods" else [])), ("flags",)], None


def _access(operand: Operand) -> tuple:
    _, base, offset, size = operand.memory
    return ("access", base, offset, size)


def _write(operand: Operand) -> list[tuple]:
    """An operand that is read and written."""
    if operand.memory:
        return [_access(operand)]
    return [("unknown", operand.register)]
