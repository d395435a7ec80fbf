"""x86_64 instructions as a few machine-neutral operations (see step.py for what they mean).

Only what matters to the proof is kept: where sp goes, which stack bytes are touched, which
registers and slots hold known values, and what would open or close the world. A mnemonic that is
not listed here is an error, never a guess.
"""

import re

from .disassembly import Instruction
from .operands_x86_64 import Operand, REGISTERS, modify, operands_of, read
from .system_x86_64 import BIT_STRINGS, STRINGS, lift_segment, lift_string, lift_system

ARGUMENTS = ("rdi", "rsi", "rdx", "rcx", "r8", "r9")
CALLER_SAVED = ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11")
CALLEE_SAVED = ("rbx", "rbp", "r12", "r13", "r14", "r15")
STACK_POINTER = "rsp"
RETURN_ADDRESS_BYTES = 8
RETURN_REGISTER = None  # it is on the stack
# Two operands, the first read and written; flags by the result.
ARITHMETIC = {"add", "sub", "and", "or", "xor", "adc", "sbb", "shl", "shr", "sar", "rol", "ror",
              "shld", "shrd", "imul", "neg", "not", "inc", "dec", "bts", "btr", "btc", "bswap",
              "rcl", "rcr", "sal"}
KEEP_FLAGS = {"not", "bswap"}
PLAIN = {"bsf", "bsr", "tzcnt", "lzcnt", "popcnt", "movsx", "movsxd", "andn", "blsr", "bextr"}
CONDITIONS = {"e": True, "z": True, "ne": False, "nz": False}
NOTHING = {"nop", "pause", "endbr64", "lfence", "mfence", "sfence", "cld", "hlt", "data16",
           "invlpg", "wbinvd", "fwait"}
IMPLICIT = {"cpuid": ("rax", "rbx", "rcx", "rdx"), "rdmsr": ("rax", "rdx"),
            "rdtsc": ("rax", "rdx"), "rdtscp": ("rax", "rcx", "rdx"), "cdqe": ("rax",),
            "cqo": ("rdx",), "cdq": ("rdx",), "cwde": ("rax",), "in": ("rax",), "out": (),
            "cbw": ("rax",), "xgetbv": ("rax", "rdx"), "lahf": ("rax",), "sahf": ()}


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
            return lift_string(name, text, repeated=True)
    flow = lift_flow(name, text)
    if flow is not None:
        return flow
    if name in NOTHING or name == "syscall":
        return [("system_call", "rax", "rcx", "r11")] if name == "syscall" else [], None
    if name in IMPLICIT:
        return [("kill", *IMPLICIT[name])] + [("flags",)] * (name == "sahf"), None
    operands = operands_of(text)
    operations = lift_system(name, operands)
    if operations is None:
        operations = lift_segment(name, operands)
    if operations is None:
        operations = lift_data(name, operands, text)
    return operations, ("trap_return",) if name == "iretq" else None


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


def lift_data(name: str, operands: list[Operand], text: str) -> list[tuple]:
    """Moves and arithmetic."""
    if name in ("mov", "movabs", "movzx"):
        return lift_move(operands)
    if name == "lea":
        _, base, offset, _ = operands[1].memory
        if base is None or operands[0].bits != 64:
            return [("unknown", operands[0].register)]
        return [("lea", operands[0].register, base, offset)]
    if name in ("push", "pushfq", "pushf", "pop"):
        return lift_stack(name, operands[0] if operands else None)
    if name in ("cmp", "test"):
        reads = [read(o) for o in operands if o.memory]
        if reads:
            return reads + [("flags",)]
        return [(name, operands[0].simple, operands[1].simple, operands[0].bits)]
    if name.startswith("set"):
        return lift_condition("set", name[3:], operands)
    if name.startswith("cmov"):
        return lift_condition("cmov", name[4:], operands)
    if name in ("xchg", "xadd", "cmpxchg", "cmpxchg16b", "cmpxchg8b"):
        return lift_exchange(name, operands)
    if name in ("mul", "div", "idiv") or name == "imul" and len(operands) == 1:
        reads = [read(o) for o in operands if o.memory]
        return reads + [("kill", "rax", "rdx"), ("flags",)]
    if name == "bt":
        return [read(o) for o in operands if o.memory] + [("flags",)]
    if name in ARITHMETIC:
        return lift_arithmetic(name, operands)
    if name in PLAIN:
        return [read(o) for o in operands[1:] if o.memory] + \
            [("unknown", operands[0].register), ("flags",)]
    if name in STRINGS:
        return lift_string(name, text, repeated=False)[0]
    if name in ("addsd", "movsd", "movups", "movaps", "movdqa", "movq", "pxor", "addps"):
        # Tests of the trap that these raise.
        return modify(operands[0]) + [read(o) for o in operands[1:] if o.memory]
    return [("error", f"the prover does not know the instruction {name}")]


def lift_stack(name: str, operand: Operand | None) -> list[tuple]:
    """push and pop, of 8 bytes: of fewer they move sp by fewer."""
    if operand is not None and operand.bits != 64:
        return [("error", f"the prover does not know a {name} of {operand.bits} bits")]
    if name == "pop":
        if operand.register is None:
            return [("pop", None), *modify(operand)]
        return [("pop", operand.register)]
    reads = [read(operand)] if operand is not None and operand.memory else []
    return reads + [("push", operand.simple if operand is not None else None)]


def lift_exchange(name: str, operands: list[Operand]) -> list[tuple]:
    """What goes both ways: whoever has the other register has its address, too."""
    registers = [("mixed", None, *(o.register for o in operands if o.register is not None))]
    if name in ("xchg", "xadd"):
        return registers + [op for o in operands for op in modify(o)] + [("flags",)]
    return registers + modify(operands[0]) + [("kill", "rax", "rdx"), ("flags",)]


def lift_move(operands: list[Operand]) -> list[tuple]:
    target, source = operands
    if target.register is None:
        if target.memory is None:
            return [("error", "the prover does not know what this moves to")]
        _, base, offset, size = target.memory
        return [("store", base, offset, size, source.simple)]
    if source.memory is not None:
        _, base, offset, size = source.memory
        if target.bits < 32:
            return [read(source), ("unknown", target.register)]
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
        if target.register is None or not target.bits:
            return modify(target)
        return [("set_flag", target.register, want)]
    reads = [read(o) for o in operands if o.memory]
    other = operands[1].register if operands[1].bits == 64 else None
    narrow = [("narrow", target.register, target.register, target.bits)] * (target.bits == 32)
    return reads + [("select", target.register, other, target.register, want)] + narrow


def lift_arithmetic(name: str, operands: list[Operand]) -> list[tuple]:
    target = operands[0]
    second = operands[1] if len(operands) > 1 else None
    if target.register is None:
        if name in BIT_STRINGS and second.register is not None:  # it may lie anywhere
            _, base, offset, size = target.memory
            return [("modify", base, (offset, None, 1), size), ("flags",)]
        return modify(target) + [("flags",)]
    reads = [read(o) for o in operands if o.memory]
    register = target.register
    flags = [] if name in KEEP_FLAGS else [("flags",)]
    if len(operands) == 3 or target.bits < 32 and register != STACK_POINTER:
        return reads + [("unknown", register)] + flags
    if name in ("inc", "dec"):
        return [("add" if name == "inc" else "sub", register, register, 1, target.bits),
                ("zero_flag", register, target.bits)]
    if name == "shr" and not 1 <= (second.value if second and second.value else 0) < target.bits:
        return reads + [("unknown", register), ("flags",)]  # by 0, maybe: the flags stay
    if name in ("add", "sub", "and", "or", "xor", "shr") and not reads and \
            second is not None and second.simple is not None:
        if name == "xor" and second.register == register:
            return [("set", register, 0), ("zero_flag", register, 64)]
        return [(name, register, register, second.simple, target.bits),
                ("zero_flag", register, target.bits)]
    return reads + [("mixed", register, register, second and second.register)] + flags
