"""What is found out about one function in one context: what callers need, what reports say."""

import dataclasses

from .records import StackKind
from .state import NEVER, State

PREEMPTIBLE, PREEMPT_IS_OFF = "preemptible", "preempt off"
IRQS_OFF_ONCE = "irqs off"            # interrupt depth 1, preemption not off: as a switch demands
IRQS_ARE_OFF = "irqs off and more"    # any other way of having interrupts off
BORN, ARRIVING = "born", "arriving"   # a thread's first steps; a trap's, before it is counted
CALLING = "calling"                   # a system call's, masked by the hardware (x86_64)
DEPTHS = {PREEMPTIBLE: ((0, True), (0, True)), PREEMPT_IS_OFF: ((1, False), (0, True)),
          IRQS_OFF_ONCE: ((0, True), (1, True)), IRQS_ARE_OFF: ((0, False), (1, False)),
          BORN: ((0, True), (1, True)), CALLING: ((0, True), (1, True)),
          ARRIVING: ((0, False), (0, False))}


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Context:
    """In what circumstances a function is entered."""
    kind: StackKind
    level: str

    def __str__(self) -> str:
        return f"{self.kind.name.lower()} stack, {self.level}"


@dataclasses.dataclass(slots=True)
class SiteNote:
    """What one function in one context showed of a site."""
    contexts: set = dataclasses.field(default_factory=set)
    depth: int = 0               # deepest byte below the site's sp
    deepest: tuple = (0, None)   # where: address, and the callee (its key) that goes deeper
    gap: int = -1                # largest untouched gap above sp; -1: never opened here
    touches_new: bool = False    # something below what was touched before is touched
    calls: set = dataclasses.field(default_factory=set)  # from inside its section: (address, key)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that is wrong or not understood."""
    address: int
    kind: str
    text: str
    weight: int = 0


@dataclasses.dataclass(slots=True)
class Summary:
    """What callers need to know, and what the report says."""
    returns: bool = False
    ends: bool = False                 # it returns, stops, or is preemptible at last
    locks: frozenset = frozenset()     # change of the number of locks held
    opens: frozenset = frozenset()     # the same where it becomes preemptible, entered atomic
    depth: int = 0                     # deepest byte below sp at entry, while atomic
    gap: int = NEVER                   # largest untouched gap above sp that it can stand
    kept: frozenset | None = None      # caller-saved registers that it leaves alone (-fipa-ra)
    written: frozenset = frozenset()   # of its caller's frame: (distance from sp, bytes)
    bare: bool = False                 # a section without window begins above anything touched
    deepest: tuple = (0, None)
    calls: set = dataclasses.field(default_factory=set)      # (address, key)
    sites: dict = dataclasses.field(default_factory=dict)    # pc -> SiteNote
    findings: set = dataclasses.field(default_factory=set)
    registers: set = dataclasses.field(default_factory=set)  # (class of calls, function)
    functions: set = dataclasses.field(default_factory=set)  # starts of those that were entered
    strays: bool = False  # through code of no function, too: not to be kept for another link

    def interface(self) -> tuple:
        return (self.returns, self.ends, self.locks, self.opens, self.depth, self.gap, self.kept,
                self.bare, self.written)


def level_of(state: State) -> str | None:
    """The context's level that a callee sees."""
    if state.irq[0] > 0:
        once = state.irq == (1, True) and state.preempt == (0, True)
        return IRQS_OFF_ONCE if once else IRQS_ARE_OFF
    if state.irq != (0, True):
        return None
    if state.preempt[0] > 0:
        return PREEMPT_IS_OFF
    return PREEMPTIBLE if state.preemptible else None
