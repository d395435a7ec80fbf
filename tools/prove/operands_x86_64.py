"""x86_64 operands: registers, constants and places in memory."""

import re


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
MEMORY = re.compile(r"(?:(\w+) PTR )?(?:(\w\w):)?(?:\[([^\]]*)\]|(0x[0-9a-f]+))$")
TERM = re.compile(r"([+-]?)([^+-]+)")


class Operand:
    """A register, a constant or a place in memory."""
    __slots__ = ("register", "bits", "value", "memory")

    def __init__(self, text: str):
        self.register = self.value = self.memory = None
        self.bits = 64
        if text in REGISTERS:
            self.register, self.bits = REGISTERS[text]
        elif text.startswith(("0x", "-0x")) or text.isdigit():
            self.value = int(text, 16) & (1 << 64) - 1
        else:
            self.memory = parse_memory(text)
            if self.memory is not None:
                self.bits = self.memory[3] * 8

    @property
    def simple(self):
        """A register's name or a constant; None for anything else."""
        return self.register if self.register is not None else self.value


def parse_memory(text: str):
    """(segment, base, offset, size); base None: not known to be on the stack; offset None: an
    index is added."""
    match = MEMORY.match(text)
    if match is None:
        return None
    size, segment, inside, absolute = match.groups()
    bytes_ = SIZES.get(size, 8) if size else 8
    if absolute is not None:
        return segment, None, int(absolute, 16), bytes_
    base, offset, indexed = None, 0, False
    for sign, term in TERM.findall(inside):
        term = term.strip()
        if term in REGISTERS and base is None and sign != "-":
            base = REGISTERS[term][0]
        elif term in REGISTERS or "*" in term:
            indexed = indexed or not term.startswith(("riz", "eiz"))
        elif term != "rip":
            number = int(term, 16)
            offset += -number if sign == "-" else number
    if "rip" in inside:
        return segment, None, 0, bytes_
    offset = (offset + (1 << 63)) % (1 << 64) - (1 << 63)
    return segment, base, None if indexed else offset, bytes_


_OPERANDS: dict[str, list[Operand]] = {}


def operands_of(text: str) -> list[Operand]:
    found = _OPERANDS.get(text)
    if found is None:
        found = _OPERANDS[text] = [Operand(part.strip()) for part in _split(text)] if text else []
    return found


def _split(text: str) -> list[str]:
    return [part for part in re.split(r",(?![^\[]*\])", text)]
