"""aarch64 instructions as a few machine-neutral operations (see step.py for what they mean).

Only what matters to the proof is kept; a mnemonic that is not listed here is an error, never a
guess.
"""

import re

from .disassembly import Instruction
from .operands_aarch64 import memory_of, number, register_of, source, vector_bytes
from .system_aarch64 import lift_cache, lift_system

ARGUMENTS = tuple(f"x{n}" for n in range(8))
CALLER_SAVED = tuple(f"x{n}" for n in range(19)) + ("x30",)
SMCCC_CHANGES = tuple(f"x{n}" for n in range(18))  # by calls to the firmware
CALLEE_SAVED = tuple(f"x{n}" for n in range(19, 30))
STACK_POINTER = "sp"
RETURN_ADDRESS_BYTES = 0
RETURN_REGISTER = "x30"

TWO_SOURCES = {"mul", "madd", "msub", "mneg", "umull", "smull", "umulh", "smulh", "umaddl",
               "smaddl", "umsubl", "smsubl", "udiv", "sdiv", "lsl", "lsr", "asr", "ror", "extr",
               "bic", "bics", "orn", "eon", "mvn", "neg", "negs", "ngc", "adc", "adcs", "sbc",
               "sbcs", "sxtw", "sxtb", "sxth", "uxtb", "uxth", "uxtw", "clz", "cls", "rbit",
               "rev", "rev16", "rev32", "rev64", "ubfx", "sbfx", "ubfiz", "sbfiz", "bfi", "bfxil",
               "bfc", "movk", "movn", "umnegl", "smnegl", "csinc", "csinv", "csneg", "cinc",
               "cinv", "cneg", "csetm", "crc32x", "crc32w", "crc32b", "ubfm", "sbfm", "bfm"}
SETS_FLAGS = {"bics", "negs", "adcs", "sbcs"}
LOADS = {"ldr": None, "ldur": None, "ldar": None, "ldapr": None, "ldrb": 1, "ldurb": 1,
         "ldarb": 1, "ldrh": 2, "ldurh": 2, "ldarh": 2, "ldrsb": -1, "ldrsh": -2, "ldrsw": -4,
         "ldursw": -4, "ldursb": -1, "ldursh": -2, "ldtr": None, "ldaprb": 1, "ldaprh": 2}
STORES = {"str": None, "stur": None, "stlr": None, "strb": 1, "sturb": 1, "stlrb": 1, "strh": 2,
          "sturh": 2, "stlrh": 2, "sttr": None}
ATOMIC = re.compile(r"(?:(ld|st)(add|clr|eor|set|smax|smin|umax|umin)|(swp)|(casp?))a?l?[bh]?$")
EXCLUSIVE = re.compile(r"(ld|st)a?l?xrp?[bh]?$|(ld|st)a?l?xp$")
NOTHING = {"nop", "yield", "wfi", "wfe", "sev", "sevl", "isb", "dsb", "dmb", "ic", "tlbi",
           "at", "prfm", "hint", "clrex", "paciasp", "autiasp", "bti", "sb", "csdb", "esb"}
STOPS = {"brk", "udf"}
_SPLIT = re.compile(r",\s*(?![^\[]*\])")


def lift(instruction: Instruction) -> tuple[list[tuple], tuple | None]:
    """The operations of an instruction, and where it goes (None: on to the next)."""
    name = instruction.mnemonic
    parts = _SPLIT.split(instruction.operands) if instruction.operands else []
    flow = lift_flow(name, parts)
    if flow is not None:
        return flow
    if name in NOTHING:
        return [], None
    if name == "xpaclri":
        return [("unknown", "x30")], None
    if name == "hlt":
        return [("unknown", "x0")], None  # semihosting: QEMU answers, and goes on
    if name == "svc":
        return [("system_call", "x0", "x16", "x17")], None
    if name in ("hvc", "smc"):
        return [("kill", *SMCCC_CHANGES), ("flags",)], None
    if name in ("msr", "mrs"):
        return lift_system(name, parts), None
    if name == "dc":
        return lift_cache(parts), None
    if "[" in instruction.operands:
        return lift_memory(name, parts), None
    if name == "ldr":
        return [("unknown", register_of(parts[0])[0])], None  # a literal
    return lift_data(name, parts), None


def lift_flow(name: str, parts: list[str]):
    """Branches, calls and ends."""
    if name == "ret":
        return [], ("ret", register_of(parts[0])[0] if parts else "x30")
    if name in STOPS:
        return [], ("stop",)
    if name == "eret":
        return [("forbidden", "returns from a trap")], ("trap_return",)
    if name in ("b", "bl"):
        return [], ("jump" if name == "b" else "call", int(parts[0], 16))
    if name in ("br", "blr"):
        return [], ("ijump" if name == "br" else "icall", register_of(parts[0])[0])
    if name.startswith("b."):
        want = {"eq": True, "ne": False}.get(name[2:])
        return [], ("branch", ("z", want) if want is not None else None, int(parts[0], 16))
    if name in ("cbz", "cbnz"):
        register, bits = register_of(parts[0])
        return [], ("branch", ("zero", register, name == "cbz", bits), int(parts[1], 16))
    if name in ("tbz", "tbnz"):
        bit = ("bit", register_of(parts[0])[0], number(parts[1]), name == "tbnz")
        return [], ("branch", bit, int(parts[2], 16))
    return None


def lift_memory(name: str, parts: list[str]) -> list[tuple]:
    if name in ("prfm", "prfum"):
        return []
    at = next(i for i, p in enumerate(parts) if p.startswith("["))
    base, offset, before, after = memory_of(parts, at)
    moves = [("add", base, base, before, 64)] if before else []
    ends = [("add", base, base, after, 64)] if after else []
    registers = [register_of(p) for p in parts[:at]]
    if any(r is None for r in registers):
        size = vector_bytes(parts[:at])
        if size is None:
            return [("error", f"the prover does not know these operands of {name}")]
        kind = "modify" if name.startswith("st") else "access"
        return moves + [(kind, base, offset, size)] + ends
    if EXCLUSIVE.match(name):
        return [("error", "an exclusive load or store: a stepped loop of them never ends")]
    if ATOMIC.match(name):
        return moves + _atomic(name, registers, base, offset)
    if name in ("ldp", "ldnp", "ldpsw", "stp", "stnp"):
        return moves + _pair(name, registers, base, offset) + ends
    if name not in LOADS and name not in STORES:
        return [("error", f"the prover does not know the instruction {name}")]
    register, bits = registers[0]
    size = LOADS.get(name, STORES.get(name)) or bits // 8
    if name in STORES:
        return moves + [("store", base, offset, size, 0 if register == "zr" else register)] + ends
    if register == "zr" or size < 0:
        read = [("access", base, offset, abs(size))]
        return moves + read + ([("unknown", register)] if register != "zr" else []) + ends
    return moves + [("load", register, base, offset, size)] + ends


def _pair(name: str, registers, base: str, offset: int) -> list[tuple]:
    size = 4 if name == "ldpsw" else registers[0][1] // 8
    if name.startswith("st"):
        return [("store", base, offset + i * size, size, 0 if r == "zr" else r)
                for i, (r, _) in enumerate(registers)]
    loads = [("load", r, base, offset + i * size, size) if r != "zr" else
             ("access", base, offset + i * size, size) for i, (r, _) in enumerate(registers)]
    if registers[0][0] == base:  # the base itself is loaded: last
        loads.reverse()
    return loads


def _atomic(name: str, registers, base: str, offset: int) -> list[tuple]:
    """LSE: one access, and registers that get the old value."""
    size = {"b": 1, "h": 2}.get(name[-1], registers[0][1] // 8)
    result = [("modify", base, offset, 2 * size if name.startswith("casp") else size)]
    if name.startswith("cas"):
        changed = registers[:2] if name.startswith("casp") else registers[:1]
    else:
        changed = registers[1:2]
    return result + [("unknown", r) for r, _ in changed if r != "zr"]


def lift_data(name: str, parts: list[str]) -> list[tuple]:
    """Moves and arithmetic between registers."""
    first = register_of(parts[0]) if parts else None
    if first is None:
        if name.startswith(("fcmp", "fccmp")):
            return [("flags",)]
        if name.startswith(("f", "mov", "dup", "add", "uaddlv", "cnt")) and parts:
            return []  # vector registers: tests of the trap that they raise
        return [("error", f"the prover does not know the instruction {name}")]
    register, bits = first
    if name in ("mov", "movz"):
        return _move(register, bits, parts)
    if name in ("add", "sub", "adds", "subs", "and", "ands", "orr", "eor"):
        return _arithmetic(name, register, bits, parts)
    if name in ("cmp", "tst", "cmn"):
        if name == "cmn" or len(parts) > 2:
            return [("flags",)]
        return [("cmp" if name == "cmp" else "test", source(parts[0]), source(parts[1]), bits)]
    if name in ("ccmp", "ccmn"):
        return [("flags",)]
    if name == "cset":
        return [("set_flag_whole", register, {"eq": True, "ne": False}.get(parts[1]))]
    if name == "csel":
        want = {"eq": True, "ne": False}.get(parts[3])
        narrow = [("narrow", register, register, 32)] * (bits == 32)
        return [("select", register, source(parts[1]), source(parts[2]), want)] + narrow
    if name in ("adr", "adrp"):
        return [("unknown", register)]
    if name in ("ubfx", "lsr") and number(parts[-1]) is not None:
        low = number(parts[2])
        width = number(parts[3]) if name == "ubfx" else bits - low
        return [("bits", register, source(parts[1]), low, width)]
    if name in TWO_SOURCES:
        return [_mixed(register, parts)] + ([("flags",)] if name in SETS_FLAGS else [])
    return [("error", f"the prover does not know the instruction {name}")]


def _mixed(register: str, parts: list[str]) -> tuple:
    sources = [r[0] for r in map(register_of, parts[1:]) if r is not None and r[0] != "zr"]
    return ("mixed", register, *sources)


def _move(register: str, bits: int, parts: list[str]) -> list[tuple]:
    value = source(parts[1])
    if len(parts) > 2:  # movz with a shift
        value = value << number(parts[2].split()[-1]) if isinstance(value, int) else None
    if isinstance(value, int):
        return [("set", register, value & (1 << bits) - 1)]
    if value is None:
        return [("unknown", register)]
    return [("set", register, value)] if bits == 64 else [("narrow", register, value, 32)]


def _arithmetic(name: str, register: str, bits: int, parts: list[str]) -> list[tuple]:
    sets = name in ("adds", "subs", "ands")
    plain = {"adds": "add", "subs": "sub", "ands": "and", "orr": "or", "eor": "xor"}.get(name, name)
    left, right = source(parts[1]), source(parts[2])
    if len(parts) > 3:
        shift = parts[3].split()
        amount = number(shift[-1]) if shift[0] == "lsl" else None
        right = right << amount if isinstance(right, int) and amount is not None else None
    if register == "zr":
        return [("flags",)]
    if left is None or right is None or isinstance(left, int):
        result = [_mixed(register, parts)]
        return result + ([("flags",)] if sets else [])
    result = [(plain, register, left, right, bits)]
    return result + ([("zero_flag", register, bits)] if sets else [])
