"""x86_64 operands: registers, constants and places in memory."""

import re

from .values import signed


def _register_table() -> dict[str, tuple[str, int]]:
    table = {}
    for letter in "abcd":
        table.update({f"r{letter}x": (f"r{letter}x", 64), f"e{letter}x": (f"r{letter}x", 32),
                      f"{letter}x": (f"r{letter}x", 16), f"{letter}l": (f"r{letter}x", 8),
                      f"{letter}h": (f"r{letter}x", 0)})
    for name in ("si", "di", "bp", "sp"):
        table.update({f"r{name}": (f"r{name}", 64), f"e{name}": (f"r{name}", 32),
                      name: (f"r{name}", 16), f"{name}l": (f"r{name}", 8)})
    for number in range(8, 16):
        name = f"r{number}"
        table.update({name: (name, 64), f"{name}d": (name, 32), f"{name}w": (name, 16),
                      f"{name}b": (name, 8)})
    return table


REGISTERS = _register_table()
SIZES = {"BYTE": 1, "WORD": 2, "DWORD": 4, "QWORD": 8, "FWORD": 6, "TBYTE": 10, "XMMWORD": 16}
SPECIAL = re.compile(r"cr\d+|dr\d+|[cdefgs]s$")  # control, debug and segment registers
MEMORY = re.compile(r"(?:(\w+) PTR )?(?:(\w\w):)?(?:\[([^\]]*)\]|(0x[0-9a-f]+))$")
TERM = re.compile(r"([+-]?)([^+-]+)")


class Operand:
    """A register, a constant or a place in memory. `bits` is 0 for the second byte of a register,
    like ah: writing it changes the register, but to nothing that is known."""
    __slots__ = ("register", "bits", "value", "memory", "special")

    def __init__(self, text: str):
        self.register = self.value = self.memory = self.special = None
        self.bits = 64
        if text in REGISTERS:
            self.register, self.bits = REGISTERS[text]
        elif text.startswith(("0x", "-0x")) or text.isdigit():
            self.value = int(text, 16) & (1 << 64) - 1
        elif SPECIAL.match(text):
            self.special = text
        else:
            self.memory = parse_memory(text)
            if self.memory is not None:
                self.bits = self.memory[3] * 8

    @property
    def simple(self):
        """A register's name or a constant; None for anything else."""
        if not self.bits:
            return None
        return self.register if self.register is not None else self.value


def parse_memory(text: str):
    """(segment, base, offset, size); base None: not known to be on the stack; offset: a number,
    (number, index, scale), or None where base is None: anywhere."""
    match = MEMORY.match(text)
    if match is None:
        return None
    size, segment, inside, absolute = match.groups()
    bytes_ = SIZES.get(size, 8) if size else 8
    if absolute is not None:
        return segment, None, int(absolute, 16), bytes_
    base, offset, index = None, 0, None
    for sign, term in TERM.findall(inside):
        term = term.strip()
        name, _, scale = term.partition("*")
        if name in REGISTERS and not scale and base is None and sign != "-":
            base = REGISTERS[name][0]
        elif name in REGISTERS:
            index = REGISTERS[name][0], int(scale or "1")
        elif name in ("riz", "eiz"):
            continue
        elif name == "rip":
            return segment, None, None, bytes_
        else:
            number = int(term, 16)
            offset += -number if sign == "-" else number
    offset = signed(offset)
    if base is None and index is not None and index[1] == 1:
        base, index = index[0], None
    if segment in ("gs", "fs") and (base is not None or index is not None) or base is None:
        return segment, None, offset if base is None and index is None else None, bytes_
    return segment, base, offset if index is None else (offset, *index), bytes_


def read(operand: Operand) -> tuple:
    """The operation of reading an operand in memory."""
    _, base, offset, size = operand.memory
    return ("access", base, offset, size)


def modify(operand: Operand) -> list[tuple]:
    """The operation of writing something unknown to an operand."""
    if operand.memory:
        _, base, offset, size = operand.memory
        return [("modify", base, offset, size)]
    return [("unknown", operand.register)] if operand.register is not None else []


_OPERANDS: dict[str, list[Operand]] = {}


def operands_of(text: str) -> list[Operand]:
    found = _OPERANDS.get(text)
    if found is None:
        found = _OPERANDS[text] = [Operand(part.strip()) for part in _split(text)] if text else []
    return found


def _split(text: str) -> list[str]:
    return [part for part in re.split(r",(?![^\[]*\])", text)]
