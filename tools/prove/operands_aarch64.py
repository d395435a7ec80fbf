"""aarch64 operands: registers, constants and places in memory."""

import re

REGISTER = re.compile(r"([wx])(\d+|zr)$|w?sp$")


def register_of(text: str) -> tuple[str, int] | None:
    """(name, bits); the zero register is "zr"."""
    match = REGISTER.match(text)
    if match is None:
        return None
    if match.group(1) is None:
        return "sp", 32 if text[0] == "w" else 64
    bits = 64 if match.group(1) == "x" else 32
    return ("zr" if match.group(2) == "zr" else "x" + match.group(2)), bits


def number(text: str) -> int | None:
    if text.startswith("#"):
        text = text[1:]
    try:
        return int(text, 0)
    except ValueError:
        return None


def source(text: str):
    """A register's name or a constant; None for anything else."""
    register = register_of(text)
    if register is not None:
        return 0 if register[0] == "zr" else register[0]
    return number(text)


INDEX = re.compile(r"lsl #(\d)$")


def memory_of(parts: list[str], at: int):
    """(base, offset, how much base moves before, how much after: a number or a register). The
    offset is a number, or (0, index, scale); the index is None if it is extended."""
    text = parts[at]
    inside = [p.strip() for p in text.strip("[]!").split(",")]
    base = register_of(inside[0])[0]
    offset = number(inside[1]) if len(inside) > 1 else 0
    if offset is None:
        shift = INDEX.match(inside[2]) if len(inside) > 2 else None
        index = source(inside[1]) if len(inside) == 2 or shift is not None else None
        offset = 0, index, 1 << int(shift.group(1)) if shift is not None else 1
    before = after = 0
    if text.endswith("!"):
        before, offset = offset, 0
    elif len(parts) > at + 1:
        after = source(parts[at + 1])
    return base, offset, before, after


def vector_bytes(parts: list[str]) -> int | None:
    """How many bytes these vector registers have; None: not one of q0, d0, s0, h0, b0."""
    sizes = [{"q": 16, "d": 8, "s": 4, "h": 2, "b": 1}.get(part[0]) for part in parts]
    return None if None in sizes else sum(sizes)
