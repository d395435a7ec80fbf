"""What is known of values: constants, copies of the context word, the zero flag."""

from .state import State

DEPTH_BITS = 0x7fffffff


def signed(number: int) -> int:
    """A 64-bit constant as a distance."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def word_of(state: State) -> tuple:
    """A copy of the context word, taken now."""
    return ("w", _zero_depth(state.preempt), _zero_depth(state.irq))


def _zero_depth(depth):
    if depth[0] > 0:
        return False
    return True if depth[1] else None


def masked_word(word: tuple, mask: int):
    """The word with only the bits of `mask`: a constant, not zero, or unknown."""
    preempt, irq = mask & 0xffff, mask >> 16 & 0x7fff
    if preempt == 0xffff and word[1] is False or irq == 0x7fff and word[2] is False:
        return ("nz",)
    if preempt == 0xffff and irq == 0x7fff and word[1] is not None and word[2] is not None:
        return ("c", 0) if word[1] and word[2] and not mask & ~DEPTH_BITS else None
    none_of_preempt = preempt == 0 or word[1]
    none_of_irq = irq == 0 or word[2]
    return ("c", 0) if none_of_preempt and none_of_irq and not mask & ~DEPTH_BITS else None


def is_zero(value, bits: int) -> bool | None:
    """Whether the low bits of a value are zero; None: unknown."""
    if value is None:
        return None
    if value[0] == "c":
        return value[1] & (1 << bits) - 1 == 0
    if value[0] == "b":
        return value[1] == 0 if bits == 8 else None
    if value[0] == "nz":
        return False if bits >= 32 else None
    if value[0] == "w" and bits >= 32 and (value[1] is False or value[2] is False):
        return False
    return None


def as_flag(known: bool | None):
    return None if known is None else ("z", known)


def known_flag(state: State) -> bool | None:
    return state.flags[1] if state.flags is not None and state.flags[0] == "z" else None
