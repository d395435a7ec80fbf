"""What is known at a point of the code, and what remains known where two ways meet.

Values that registers and stack slots may hold, as small tuples; anything else is unknown (absent):

    ("c", n)           the constant n
    ("b", n)           a constant in the low byte
    ("s", base, n)     the stack address n bytes above `base`: ENTRY is sp at the function's entry
    ("i", register)    what the register held at the function's entry
    ("nz",)            anything but zero
    ("w", p, q)        a copy of the context word: whether each depth was zero (None: unknown)
    ("a", n)           n bytes above the running thread's anchor (aarch64)
    ("self", n)        n bytes above the CPU's own data (x86_64)

A depth is a pair (n, exact): n, or n and more.
"""

import dataclasses

ENTRY = ("entry",)
LOST = ("lost",)  # of a section: where sp was then can no longer be told
NEVER = 1 << 62  # as a distance: not touched at all


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """An open section: where it began and what its prefault has made safe."""
    site: int
    base: tuple
    sp: int        # offset of sp at the site
    touched: int   # offset of the lowest byte touched above sp there
    window: int
    entry_touched: int  # the same, seen from ENTRY


class State:
    """All that is known before an instruction."""

    __slots__ = ("sp", "registers", "slots", "touched", "entry_touched", "from_entry", "exposed",
                 "preempt", "irq", "sections", "locks", "locks_before", "flags", "compared",
                 "call_class", "kind")

    def __init__(self, kind, preempt, irq):
        self.sp = (ENTRY, 0)      # base, offset
        self.registers = {}
        self.slots = {}           # (base, offset) -> value
        self.touched = 0          # lowest contiguously touched byte, as offset from sp's base
        self.entry_touched = 0    # the same from ENTRY, while sp has another base
        self.from_entry = True    # nothing touched here yet: the caller's gap comes on top
        self.exposed = NEVER      # lowest offset from ENTRY whose address was taken
        self.preempt = preempt
        self.irq = irq
        self.sections = frozenset()
        self.locks = 0
        self.locks_before = 0     # as many were held when interrupts were turned off
        self.flags = None         # ("z", bool), ("equal", address) or ("compared", a, b, bits)
        self.compared = None      # (a, b, bits, equal?): what a branch has told of two unknowns
        self.call_class = None
        self.kind = kind

    def copy(self) -> "State":
        new = State.__new__(State)
        for name in State.__slots__:
            setattr(new, name, getattr(self, name))
        new.registers = self.registers.copy()
        new.slots = self.slots.copy()
        return new

    @property
    def atomic(self) -> bool:
        """Surely atomic."""
        return self.preempt[0] > 0 or self.irq[0] > 0

    @property
    def preemptible(self) -> bool:
        """Surely preemptible."""
        return self.preempt == (0, True) and self.irq == (0, True)

    def touched_from_entry(self) -> int:
        """The lowest contiguously touched byte, seen from ENTRY."""
        return self.touched if self.sp[0] is ENTRY else self.entry_touched

    def key(self) -> tuple:
        """States that differ in this are never joined: a way with a section open and one
        without stay apart."""
        return (self.preempt, self.irq, self.locks, self.kind, self.call_class)

    def forget_comparison(self, register) -> None:
        """The register is written: what it was compared with says nothing any more."""
        if self.compared is not None and register in self.compared[:2]:
            self.compared = None
        if self.flags is not None and self.flags[0] == "compared" and register in self.flags[1:3]:
            self.flags = None

    def begin_base(self, base: tuple) -> None:
        """sp becomes a base of this name. What an earlier base of that name meant, in the last
        round of a loop, say, is forgotten."""
        self.registers = {r: v for r, v in self.registers.items()
                          if v[0] != "s" or not made_from(v[1], base)}
        self.slots = {at: v for at, v in self.slots.items() if not made_from(at[0], base) and
                      (v[0] != "s" or not made_from(v[1], base))}
        self.sections = without_base(self.sections, base)
        self.flags = None
        self.sp = (base, 0)

    def forget_below_sp(self) -> None:
        """Bytes below sp do not count: neither as touched nor as kept values."""
        base, offset = self.sp
        if self.touched < offset:
            self.touched = offset
        if base is ENTRY and self.exposed < offset:
            self.exposed = offset  # what lies lower has ended
        if self.slots:
            dead = [at for at in self.slots if at[0] == base and at[1] < offset]
            for at in dead:
                del self.slots[at]


def made_from(base: tuple, other: tuple) -> bool:
    """Whether the meaning of `base` depends on that of `other`."""
    while base != other:
        if base[0] != "aligned":
            return False
        base = base[2]
    return True


def root_of(base: tuple) -> tuple:
    """The base that `base` was made from."""
    while base[0] == "aligned":
        base = base[2]
    return base


def without_base(sections: frozenset, base: tuple) -> frozenset:
    """The sections, of which none was opened where sp was told from `base`."""
    return frozenset(dataclasses.replace(s, base=LOST) if made_from(s.base, base) else s
                     for s in sections)


def distance(base: tuple, offset: int, other: tuple) -> int:
    """What base + offset lies above `other` at least; -NEVER where there is no bound."""
    above = {other: 0}  # by how much `other` can lie above bases that it was made from
    total = 0
    while other[0] == "aligned":
        _, _, other, below = other
        total += below
        above[other] = total
    while base not in above:
        if base[0] != "aligned":
            return -NEVER
        _, alignment, base, below = base
        offset += below - (alignment - 1)
    return offset - above[base]


def lowest(base: tuple, offset: int) -> int:
    """The lowest offset from ENTRY that base + offset can be; -NEVER where there is no bound."""
    return offset if base is ENTRY else distance(base, offset, ENTRY)


def highest(base: tuple, offset: int) -> int:
    """The highest; NEVER where there is no bound."""
    return offset if base is ENTRY else offset - distance(ENTRY, 0, base)


def join(left: State, right: State, place: int) -> State | None:
    """What is known if either holds; None if that is just `left`. Both have the same key()."""
    new = left.copy()
    sections = left.sections | right.sections
    new.flags = left.flags if left.flags == right.flags else None
    if left.sp != right.sp:
        _generalise(new, left, right, place)
        sections = without_base(sections, new.sp[0])
    else:
        new.registers = {r: v for r, v in left.registers.items() if right.registers.get(r) == v}
        new.slots = {s: v for s, v in left.slots.items() if right.slots.get(s) == v}
        new.touched = max(left.touched, right.touched)
    new.entry_touched = max(left.touched_from_entry(), right.touched_from_entry())
    new.from_entry = left.from_entry or right.from_entry
    new.exposed = min(left.exposed, right.exposed)
    new.locks_before = min(left.locks_before, right.locks_before)
    new.sections = sections
    new.compared = left.compared if left.compared == right.compared else None
    return None if _same(new, left) else new


def _same(new: State, old: State) -> bool:
    return all(getattr(new, name) == getattr(old, name) for name in State.__slots__)


def _generalise(new: State, left: State, right: State, place: int) -> None:
    """Two ways with different sp meet (a probing loop, an alloca): sp becomes a base of its own,
    and only what lies at the same distance from it, or does not depend on it, stays known."""
    base = ("variable", place)
    gap = max(left.touched - left.sp[1], right.touched - right.sp[1])
    new.sp = (base, 0)
    new.touched = gap
    if new.flags is not None and new.flags[0] == "equal" and made_from(new.flags[1][1], base):
        new.flags = None
    for name, make_key in (("registers", _register_key), ("slots", _slot_key)):
        ours = {make_key(k, left, base): _relative(v, left, base)
                for k, v in getattr(left, name).items()}
        theirs = {make_key(k, right, base): _relative(v, right, base)
                  for k, v in getattr(right, name).items()}
        setattr(new, name, {k: v for k, v in ours.items()
                            if v is not None and k is not None and theirs.get(k) == v})


def _register_key(register, state, base):
    return register


def _slot_key(slot, state: State, base: tuple):
    """A slot of ENTRY keeps its name, one of the old sp's base is named from the new one."""
    if slot[0] is ENTRY:
        return slot
    return (base, slot[1] - state.sp[1]) if slot[0] == state.sp[0] else None


def _relative(value, state: State, base: tuple):
    if value[0] != "s" or value[1] is ENTRY:
        return value
    return ("s", base, value[2] - state.sp[1]) if value[1] == state.sp[0] else None
