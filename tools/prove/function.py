"""One function in one context: what its code does, as a summary for its callers.

A function is explored from its first instruction along every way, with what is known in `State`.
Where ways meet, what both know is kept, but a way with a section open is never mixed with one
without. Code that the compiler has moved away (.cold parts) is followed as part of the function;
a jump to the start of another function with sp where it was is a tail call.
"""

import heapq

from . import facts
from .endless import Endless
from .records import Fact
from .returns import RETURN_ADDRESS
from .sections import BEGUN_IN, HOLDING_NONE, Sections
from .state import ENTRY, Section, State, join
from .step import Stepper
from .summary import CALLING, Context, DEPTHS, Summary
from .ways import Ways

MOST_STATES = 64  # at one instruction, or the exploration has lost its way


class FunctionAnalysis(Sections, Ways, Endless):
    """The exploration. `program` gives code, records and the summaries of callees."""

    def __init__(self, program, start: int, context: Context):
        super().__init__()
        self.program = program
        self.start = start
        self.context = context
        self.range = program.image.function_at(start)
        self.summary = Summary()
        self.lazy = program.records.lazy_stacks
        self.stepper = Stepper(program.lift, self)
        self.known: dict[int, dict[tuple, State]] = {}
        self.queue: list[int] = []
        self.waiting: set[tuple] = set()
        self.class_users: dict[int, set[int]] = {}  # a fact's place -> indirect calls of its class
        self.asks: list[tuple] = []  # what the program was asked, and its answers (memo.py)

    # ---- exploring

    def run(self) -> Summary:
        preempt, irq = DEPTHS[self.context.level]
        state = State(self.context.kind, preempt, irq)
        lift = self.program.lift
        for register in (*lift.CALLEE_SAVED, *lift.CALLER_SAVED):
            state.registers[register] = ("i", register)
        if lift.RETURN_ADDRESS_BYTES:
            state.slots[ENTRY, 0] = RETURN_ADDRESS
        state.from_entry = lift.RETURN_ADDRESS_BYTES == 0
        if self.context.level in BEGUN_IN:
            state.from_entry = self.context.level == CALLING  # no call has touched anything
            state.sections = frozenset({Section(self.start, ENTRY, 0, 0,
                                                BEGUN_IN[self.context.level], 0)})
        self._arrive(self.start, state)
        while self.queue:
            address = heapq.heappop(self.queue)
            self.waiting.discard(address)
            for key in [k for k, (s, new) in self.known[address].items() if new]:
                state, _ = self.known[address][key]
                self.known[address][key] = (state, False)
                self.begin(address, key, state)
                self._walked(address, self._straight_on(address, state.copy()))
                self.end()
        self._check_windows()
        self._check_calls()
        self._check_ends()
        return self.summary

    def _walked(self, begin: int, end: int) -> None:
        """Notes which functions a straight way belongs to; every function's start ends one."""
        for address in (begin, end):
            function = self.program.image.function_at(address)
            if function is not None:
                self.summary.functions.add(function.start)
            if function is None or address == begin and end > function.end:
                self.summary.strays = True

    def _arrive(self, address: int, state: State) -> None:
        """A way leads to `address`."""
        self.program.code.get(address)  # so that all leaders behind it are known
        states = self.known.setdefault(address, {})
        key = state.key()
        self.connect(address, key)
        old = states.get(key)
        if old is None:
            if len(states) >= MOST_STATES:
                self.wrong(address, "too-many-states", "too many ways with different depths meet")
                return
            states[key] = (state, True)
        else:
            joined = join(old[0], state, address)
            if joined is None:
                return
            states[key] = (joined, True)
        if address not in self.waiting:
            self.waiting.add(address)
            heapq.heappush(self.queue, address)

    def _straight_on(self, address: int, state: State) -> int:
        """Executes from `address` until the way ends, forks or meets another: where that is."""
        program, stepper = self.program, self.stepper
        leaders = program.branches.leaders
        while True:
            known = program.records.facts_at.get(address)
            if known is not None and not self._facts(state, address, known):
                return address
            if address in program.records.boundary_at:
                self._boundary(state, address)
            if address in program.inside_sites:
                self.wrong(address, "inside-site", "the way leads into a site, past its beginning")
                return address
            site = program.records.site_at.get(address)
            if site is not None:
                if not self._site(state, site):
                    return address
                address = site.pc + site.length
            elif address in program.masks and self._mask(state, address, program.masks[address]):
                address = program.masks[address]
            else:
                lifted = program.lifted(address)
                if lifted is None:
                    self.wrong(address, "no-code", "the way leads to no instruction")
                    return address
                operations, flow, end = lifted
                if operations:
                    stepper.address, stepper.facts = address, known or ()
                    stepper.run(state, operations)
                if flow is not None and not self._flow(state, address, end, flow):
                    return address
                address = end
            # A fact has no length: a way that jumps here comes from code that it is not about.
            if address in program.unlocks:
                self._unlock(state, address)
            if address in leaders:
                self._arrive(address, state)
                return address

    def _mask(self, state: State, address: int, end: int) -> bool:
        """Interrupts are opened for a moment: a handler may run, but switches nothing. False: the
        code does more than that, so it is walked like any other."""
        if state.irq[0] == 0:
            self.wrong(address, "open-world", "opens interrupts with no depth counted")
        self._interrupts_on(state, address)
        if facts.comes_back(self.program, address, end):
            return True
        self.wrong(address, "open-world", "does more than opening interrupts for a moment")
        return False

    def _lock(self, state: State, address: int, interrupts_take_it: int) -> None:
        """Who holds a lock of the other kind may be interrupted, and stand still meanwhile: with
        interrupts off nobody may wait for that."""
        wrong = None
        if not state.atomic:
            wrong = "in preemptible context: a stack fault could wait for it"
        elif interrupts_take_it and state.irq[0] == 0:
            wrong = "that interrupts take too, with interrupts on"
        elif not interrupts_take_it and state.irq != (0, True):
            wrong = "whose holder may be interrupted, with interrupts off"
        if wrong:
            self.wrong(address, "lock", f"takes a spinlock {wrong}")

    def _unlock(self, state: State, address: int) -> None:
        state.locks -= 1
        if state.locks < 0 and self.context.level in HOLDING_NONE:
            self.wrong(address, "lock", "gives back a spinlock, and none is held")

    def _facts(self, state: State, address: int, known) -> bool:
        """False if the way ends here."""
        for kind, value in known:
            if kind == Fact.CALL:
                state.call_class = (value, address)
            elif kind == Fact.LOCK:
                state.locks += 1
                self._lock(state, address, value)
            elif kind == Fact.TARGET:
                self.program.register(value >> 64, value & (1 << 64) - 1, self)
                self.summary.registers.add((value >> 64, value & (1 << 64) - 1))
            elif kind == Fact.END:
                if facts.stops_for_ever(self.program, address):
                    self.arrived = False
                    return False
                self.wrong(address, "no-end", "the CPU is known to stop here, but it does not")
        return True
