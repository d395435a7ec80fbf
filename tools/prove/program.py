"""All functions from all entries: demand-driven summaries, repeated until nothing changes."""

import dataclasses
import functools
import sys

from . import lift_aarch64, lift_x86_64
from .branches import Branches, Leave
from .disassembly import disassemble
from .function import FunctionAnalysis
from .image import Image
from .memo import Memo, Replay
from .records import Fact, Records, Site, StackKind
from .site_code import check, SiteCode
from .state import NEVER
from .summary import (ARRIVING, BORN, CALLING, Context, Finding, IRQS_OFF_ONCE, PREEMPTIBLE,
                      Summary)

LIFTS = {"x86_64": lift_x86_64, "aarch64": lift_aarch64}
# Where the world enters: name, stack, level. Each is checked to exist.
ENTRIES = {
    "x86_64": [("fathom_boot_main", StackKind.KERNEL, IRQS_OFF_ONCE),
               ("fathom_secondary_start", StackKind.KERNEL, IRQS_OFF_ONCE),
               ("fathom_page_fault_gate", StackKind.TRAP, ARRIVING),
               ("fathom_debug_gate", StackKind.TRAP, ARRIVING),
               ("fathom_system_call_entry", StackKind.LAZY, CALLING),
               ("fathom_panic_entry", StackKind.TRAP, ARRIVING)],
    "aarch64": [("fathom_boot", StackKind.KERNEL, IRQS_OFF_ONCE),
                ("fathom_secondary_arrive", StackKind.KERNEL, IRQS_OFF_ONCE),
                ("fathom_system_call_entry", StackKind.SYSTEM_CALL, PREEMPTIBLE),
                ("fathom_system_call_without_stack", StackKind.LAZY, PREEMPTIBLE),
                ("fathom_panic_entry", StackKind.TRAP, ARRIVING)],
}
VECTORS = {"x86_64": ("fathom_vector_stubs", 256, 16), "aarch64": ("fathom_vectors", 16, 128)}
# Entries that return by another register than calls do: frames.py looks at the whole way.
LINKS = {"x86_64": {}, "aarch64": {"fathom_system_call_without_stack": "x16"}}
OUTSIDE = frozenset({255})  # classes of calls that are wrong on purpose: CallClass::crash
PATIENCE = 12  # recomputations after which a depth that still grows counts as unbounded


class Program:
    """A kernel image, and everything found out about it."""

    def __init__(self, image: Image, code: dict | None = None, memo: Memo | None = None):
        self.image = image
        self.memo = memo if memo is not None else Memo()
        self.records = Records(image)
        self.lift = LIFTS[image.arch]
        self.code = code if code is not None else disassemble(image.path, image.arch)
        self._lifted = self.memo.lifted
        self.panic_entry = image.address_of.get("fathom_panic_entry", 0)
        self.links = {image.address_of[name]: register
                      for name, register in LINKS[image.arch].items() if name in image.address_of}
        self.targets = self.records.targets()
        self.outside = OUTSIDE
        self.ranges = [(kind, place, value) for kind, place, value in self.records.facts
                       if kind in (Fact.ENTRY_CODE, Fact.RETURN_FROM_TRAP)]
        self.masks = {place: value for kind, place, value in self.records.facts
                      if kind == Fact.MASK}
        self.unlocks = {place for kind, place, _ in self.records.facts if kind == Fact.UNLOCK}
        self.inside_sites = {at for site in self.records.sites
                             for at in range(site.pc + 1, site.pc + site.length)}
        self.switches = {place: value for kind, place, value in self.records.facts
                         if kind == Fact.SWITCH}
        self._site_codes: dict[int, SiteCode | None] = {}
        self.remembered: dict[int, list[Leave]] = {}  # branches that need not be looked for
        self.summaries: dict[tuple, Summary] = {}
        self._users: dict[tuple, set] = {}
        self._callers_of: dict[int, set] = {}
        self._active: set = set()
        self._runs: dict[tuple, int] = {}
        self._changed: list = []
        self.findings: list[Finding] = []

    def window_of(self, pc: int) -> int | None:
        site = self.records.site_at.get(pc)
        return site.window if site is not None else None

    def lifted(self, address: int):
        """(operations, flow, next address) of the instruction there."""
        found = self._lifted.get(address)
        if found is None:
            instruction = self.code.get(address)
            if instruction is None:
                return None
            found = self._lifted[address] = (*self.lift.lift(instruction), instruction.end)
        return found

    @functools.cached_property
    def branches(self) -> Branches:
        """Where branches lead."""
        return Branches(self, self.remembered)

    def site_code(self, site: Site) -> SiteCode | None:
        """What a site's bytes are, or None if its record allows no such bytes."""
        if site.pc not in self._site_codes:
            self._site_codes[site.pc] = check(self.image.arch, site, self.code)
        return self._site_codes[site.pc]

    # ---- indirect calls

    def register(self, group: int, function: int, user) -> None:
        """Code that is reached says that calls of this class may reach `function`."""
        user.asks.append((("register", group, function), None))
        known = self.targets.setdefault(group, set())
        if function not in known:
            known.add(function)
            self._changed += [u for u in self._callers_of.get(group, ()) if u not in self._changed]

    def targets_of(self, group: int, user) -> list[int]:
        """What calls of this class may reach, as far as it is known; `user` is told of more."""
        self._callers_of.setdefault(group, set()).add((user.start, user.context))
        targets = sorted(self.targets.get(group, ()))
        user.asks.append((("targets", group), tuple(targets)))
        return targets

    def ask(self, question: tuple, user) -> None:
        """A question that an earlier analysis asked (memo.py), for one that replays it."""
        if question[0] == "register":
            self.register(*question[1:], user)
        elif question[0] == "targets":
            self.targets_of(question[1], user)
        else:
            self.summary_for(question[1:], user)

    # ---- the fixpoint

    def prove(self) -> None:
        """Explores everything that can be reached."""
        sys.setrecursionlimit(20000)
        for key in self.roots():
            self.summary_for(key, None)
        while self._changed:
            key = self._changed.pop()
            self._compute(key)

    def roots(self) -> list[tuple]:
        found = [(entry, Context(kind, BORN))
                 for entry, kind in self.records.thread_entries]
        if not found:
            self.findings.append(Finding(0, "no-entry", "there are no thread entries"))
        for name, kind, level in ENTRIES[self.image.arch]:
            address = self.image.address_of.get(name)
            if address is None:
                self.findings.append(Finding(0, "no-entry", f"there is no function {name}"))
            else:
                found.append((address, Context(kind, level)))
        name, count, distance = VECTORS[self.image.arch]
        base = self.image.address_of.get(name)
        if base is None:
            self.findings.append(Finding(0, "no-entry", f"there are no vectors {name}"))
            return found
        found += [(base + i * distance, Context(StackKind.TRAP, ARRIVING)) for i in range(count)]
        return found

    def entries_on_callers_stack(self) -> list[tuple]:
        """Where system calls arrive before they have a stack of their own."""
        address_of = self.image.address_of
        return [(address_of[name], Context(kind, level))
                for name, kind, level in ENTRIES[self.image.arch]
                if kind == StackKind.LAZY and name in address_of]

    def summary_for(self, key: tuple, user) -> Summary:
        """The summary of a callee, as far as it is known; `user` is told when it changes."""
        if user is not None:
            self._users.setdefault(key, set()).add((user.start, user.context))
        found = self.summaries.get(key)
        if found is None:
            found = self.summaries[key] = Summary()
            self._compute(key)
            found = self.summaries[key]
        if user is not None:
            user.asks.append((("call", *key), found.interface()))
        return found

    def _compute(self, key: tuple) -> None:
        if key in self._active:
            if key not in self._changed:
                self._changed.append(key)
            return
        start, context = key
        self._active.add(key)
        if start in self.switches:
            new = self._switch(start, context)
        else:
            new = Replay(self, start, context).run() or self._analyse(start, context)
        self._active.discard(key)
        old = self.summaries[key]
        self._runs[key] = self._runs.get(key, 0) + 1
        if self._runs[key] > PATIENCE and new.depth > old.depth:
            new = dataclasses.replace(new, depth=NEVER)
        self.summaries[key] = new
        if new.interface() != old.interface():
            for user in self._users.get(key, ()):
                if user not in self._changed:
                    self._changed.append(user)

    def _analyse(self, start: int, context: Context) -> Summary:
        analysis = FunctionAnalysis(self, start, context)
        summary = analysis.run()
        self.memo.keep(start, context, analysis.asks, summary)
        return summary

    def _switch(self, start: int, context: Context) -> Summary:
        """A function that parks this thread: for its caller it returns with all as it was, later.
        switch_check.py looks at its code."""
        summary = Summary(returns=bool(self.switches[start]), ends=True, locks=frozenset({0}),
                          opens=frozenset({0}), kept=frozenset())
        if self.switches[start] and context.level != IRQS_OFF_ONCE:
            summary.findings.add(Finding(start, "switch", "switches threads with an interrupt "
                                         f"depth that is not 1, or preemption off: {context}"))
        return summary
