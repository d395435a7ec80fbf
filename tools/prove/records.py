"""What the kernel says about itself: site records, thread entries and the prover's facts.

Site records and thread entries are part of the running image (kernel/context/site.hpp,
kernel/sched/spawn.hpp). Facts (kernel/lib/proof_fact.h) lie in the section .debug_prover,
which is not loaded: they cost nothing at run time.
"""

import dataclasses
import enum
import struct

from .image import Image

PREEMPT_OFF, PREEMPT_ON, IRQS_OFF, IRQS_ON, TRAP_ENTRY, THREAD_START, API_BOUNDARY, \
    SYSTEM_CALL = range(1, 9)
TURNS = {PREEMPT_OFF: "preempt off", PREEMPT_ON: "preempt on", IRQS_OFF: "irqs off",
         IRQS_ON: "irqs on", TRAP_ENTRY: "trap entry", THREAD_START: "thread start",
         API_BOUNDARY: "api boundary", SYSTEM_CALL: "system call"}
TURNS_OFF = (PREEMPT_OFF, IRQS_OFF)


class Fact(enum.IntEnum):
    """The kinds of facts; the same numbers as ProofFact in kernel/lib/proof_fact.h."""
    CALL = 1             # the next indirect call is of class `value`
    TARGET = 2           # from here on the function `value` may be called indirectly
    TABLE = 3            # so may those whose addresses lie at [place, value), or in value bytes;
                         # the class of calls stands above the low byte of the kind of these two
    LOCK = 4             # a spinlock is taken here; value 1: one that interrupts take, too
    UNLOCK = 5
    MASK = 6             # [place, value) opens and masks interrupts while a depth stays counted
    ENTRY_CODE = 7       # [place, value) changes what only the way in and out may
    STACK = 8            # the instruction at `place` moves sp to another stack: a StackKind
    RETURN_FROM_TRAP = 9  # [place, value) puts a frame back and ends in iretq or eret
    SWITCH = 10          # the function `place` parks its thread; value 1: it returns later
    LAZY = 11            # value 1: application stacks are populated as they are touched
    END = 12             # here this CPU stops for ever


class StackKind(enum.IntEnum):
    """On what kind of stack code runs."""
    LAZY = 1    # an application thread's
    KERNEL = 2  # a kernel thread's: populated
    TRAP = 3    # one for traps or panics: populated
    SYSTEM_CALL = 4  # a thread's, while it is inside a system call: populated


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Site:
    """A site record; see kernel/context/site.hpp."""
    pc: int
    rule: int
    turn: int
    length: int
    window: int


class Records:
    """All records of an image."""

    def __init__(self, image: Image):
        self.image = image
        self.sites = list(self._read_sites())
        # Sorted: which of two for one place counts must not depend on the linker (rules.py).
        self.site_at = {s.pc: s for s in sorted(self.sites) if s.length}
        self.boundary_at = {s.pc: s for s in sorted(self.sites) if not s.length}
        self.thread_entries = list(self._read_entries())
        self.facts = list(self._read_facts())
        self.facts_at = {}
        for kind, place, value in self.facts:
            self.facts_at.setdefault(place, []).append((kind, value))
        self.lazy_stacks = all(value for kind, _, value in self.facts if kind == Fact.LAZY)

    def _table(self, name: str, size: int):
        begin = self.image.address_of.get(f"fathom_{name}_begin", 0)
        end = self.image.address_of.get(f"fathom_{name}_end", 0)
        for at in range(begin, end - size + 1, size):
            yield at, self.image.bytes_at(at, size)

    def _read_sites(self):
        for at, raw in self._table("sites", 8):
            offset, rule_and_turn, length, window = struct.unpack("<iBBH", raw)
            yield Site(at + offset, rule_and_turn >> 4, rule_and_turn & 15, length, window)

    def _read_entries(self):
        seen = set()
        for _, raw in self._table("thread_entries", 16):
            entry, kind = struct.unpack("<QQ", raw)
            if (entry, kind) not in seen:
                seen.add((entry, kind))
                yield entry, StackKind(kind)

    def _read_facts(self):
        _, data = self.image.sections.get(".debug_prover", (0, b""))
        for kind, place, value in struct.iter_unpack("<QQQ", data[:len(data) // 24 * 24]):
            if place:  # 0: the linker dropped the function
                yield Fact(kind & 255), place, value | kind >> 8 << 64

    def targets(self) -> dict[int, set[int]]:
        """For each class of indirect calls the functions that tables register for it. What code
        registers counts once the code is reached."""
        classes: dict[int, set[int]] = {}
        for kind, place, value in self.facts:
            if kind == Fact.TABLE:
                group, value = value >> 64, value & (1 << 64) - 1
                end = value if value >= place else place + value
                classes.setdefault(group, set()).update(
                    t.target for t in self.image.taken if place <= t.place < end)
        return classes
