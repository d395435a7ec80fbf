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


def memory_of(parts: list[str], at: int):
    """(base, offset or None, how much base moves before, how much after)."""
    text = parts[at]
    inside = [p.strip() for p in text.strip("[]!").split(",")]
    base = register_of(inside[0])[0]
    offset = number(inside[1]) if len(inside) == 2 else (0 if len(inside) == 1 else None)
    before = after = 0
    if text.endswith("!"):
        before, offset = offset, 0
    elif len(parts) > at + 1:
        after = number(parts[at + 1])
    return base, offset, before, after
