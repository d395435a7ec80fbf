"""Branches and calls: where a way goes on, and what callees bring back.

One part of a function's analysis (function.py).
"""

from .returns import Returns
from .state import ENTRY, NEVER, State
from .summary import Context, level_of
from .values import is_zero


class Ways(Returns):
    """The part that follows control flow."""

    def _flow(self, state: State, address: int, end: int, flow: tuple) -> bool:
        """False if the way does not go on at the next instruction."""
        kind, self.arrived = flow[0], False
        if kind == "branch":
            return self._branch(state, address, end, flow)
        if kind == "jump":
            self._jump(state, address, flow[1])
            return False
        if kind == "call":
            return self._call(state, address, [flow[1]])
        if kind in ("icall", "ijump"):
            return self._indirect(state, address, flow)
        if kind == "ret":
            self._return_address(state, address, flow[1])
            self._return(state, address)
        elif kind == "trap_return":
            self._trap_return(address, end)
        return False

    def _branch(self, state: State, address: int, end: int, flow: tuple) -> bool:
        _, condition, target = flow
        taken = self._decide(state, condition)
        if taken is not False:
            away = state.copy() if taken is None else state
            self._refine(away, condition, True)
            self._jump(away, address, target)
        if taken is True:
            return False
        self._refine(state, condition, False)
        return True

    def _decide(self, state: State, condition) -> bool | None:
        if condition is None:
            return None
        if condition[0] == "z":
            known = state.flags[1] if state.flags is not None and state.flags[0] == "z" else None
            return None if known is None else known == condition[1]
        value = state.registers.get(condition[1])
        if condition[0] == "zero":
            zero = is_zero(value, condition[3])
            return None if zero is None else zero == condition[2]
        if value is not None and value[0] == "c":
            return bool(value[1] >> condition[2] & 1) == condition[3]
        return None

    def _refine(self, state: State, condition, taken: bool) -> None:
        """What a branch tells of who was compared; sp == address, once a probing loop has ended."""
        if condition is not None and condition[0] == "z" and state.flags is not None and \
                state.flags[0] == "compared":
            state.compared = (*state.flags[1:], condition[1] == taken)
        if condition is not None and condition[0] == "z" and state.flags is not None and \
                state.flags[0] == "equal" and condition[1] == taken and \
                state.sp[0][0] == "variable":
            self.stepper.refine_sp(state, state.flags[1])

    def _jump(self, state: State, address: int, target: int) -> None:
        image = self.program.image
        if target == self.program.panic_entry:
            return  # leaves for the panic stack, whatever the context: it has an entry of its own
        inside = self.range is not None and self.range.start <= target < self.range.end
        other = image.by_start.get(target)
        if other is not None and ".cold" not in other.name and \
                (not inside or target == self.start) and state.sp == (ENTRY, 0) and \
                level_of(state) is not None:
            self._tail_call(state, address, [target])
            return
        if not image.in_text(target):
            self.wrong(address, "no-code", f"jumps out of the code, to {target:#x}")
            return
        self._arrive(target, state)

    def _indirect(self, state: State, address: int, flow: tuple) -> bool:
        value = state.registers.get(flow[1]) if flow[1] is not None else None
        if value is not None and value[0] == "c" and value[1] in self.program.image.by_start:
            targets = [value[1]]
        elif state.call_class is None:
            self.wrong(address, "indirect", "an indirect call of no class")
            targets = []
        else:
            targets = self._targets(state, address)
        if flow[0] == "ijump":
            self._tail_call(state, address, targets)
            return False
        return self._call(state, address, targets)

    def _targets(self, state: State, address: int) -> list[int]:
        """What the class allows that was stated last. None of a class that is wrong on purpose, and
        no part of the proof; none where nothing is registered: then the pointer is null."""
        group, place = state.call_class
        state.call_class = None
        self.class_users.setdefault(place, set()).add(address)
        return [] if group in self.program.outside else self.program.targets_of(group, self)

    def _check_calls(self) -> None:
        for place, users in self.class_users.items():
            if len(users) > 1:
                self.wrong(place, "indirect", f"{len(users)} indirect calls follow what says the "
                           "class of one")

    def _tail_call(self, state: State, address: int, targets: list[int]) -> None:
        """The callee returns for us, and so to where we would."""
        link = state.registers.get("x30")
        if self._call(state, address, targets, tail=True):
            if link is not None:
                state.registers["x30"] = link
            self._return_address(state, address, self.program.lift.RETURN_REGISTER)
            self._return(state, address)

    def _call(self, state: State, address: int, targets: list[int], tail: bool = False) -> bool:
        """Calls any of `targets`, or if there are none, something unknown that returns. False if
        no target does."""
        program, lift = self.program, self.program.lift
        level = level_of(state)
        if level is None:
            self.wrong(address, "unknown-context", "a call in a context that is not known")
            return False
        if targets == [program.panic_entry]:
            return False
        base, offset = state.sp
        below = 0
        if lift.RETURN_ADDRESS_BYTES and not tail:
            below = lift.RETURN_ADDRESS_BYTES
            self.stepper.address = address
            self.stepper.do_push(state, ("push", None))
        returns, locks, kept = self._ask(state, address, targets, Context(state.kind, level))
        if not returns:
            return False
        if below:
            state.sp = (base, offset)
            state.forget_below_sp()
        if len(locks) > 1:
            self.wrong(address, "lock", "the callee may or may not return with a lock held")
        state.locks += min(locks, default=0)
        for register in lift.CALLER_SAVED:
            if register not in kept:
                state.registers.pop(register, None)
        state.flags = state.compared = None
        return True

    def _ask(self, state: State, address: int, targets: list[int],
             context: Context) -> tuple[bool, set[int], frozenset]:
        """What the callees' summaries say: whether one returns, by how much they change the number
        of locks held, and which registers all leave alone."""
        lift, returns, locks = self.program.lift, not targets, set()
        ends = returns
        kept = frozenset(lift.CALLER_SAVED if targets else ()) - {"x30"}
        for target in targets:
            key = (target, context)
            summary = self.program.summary_for(key, self)
            self.summary.calls.add((address, key))
            for section in state.sections:
                self.site_note(section.site).calls.add((address, key))
            self.depth(state, address, summary.depth, key)
            self._check_gap(state, address, summary)
            for more in summary.opens:
                self._opens(state, address, state.locks + more)
            ends |= summary.ends
            for above, size in summary.written:
                self.stepper.overwrite_by_callee(state, above, size)
            if summary.returns:
                returns = True
                locks |= summary.locks
                kept &= summary.kept
        self.arrived = not ends  # none comes back or stops: the way goes round there
        return returns, locks, kept

    def enters(self, state: State, address: int) -> None:
        """A system call is made: its entry finds what a callee would above sp."""
        for key in self.program.entries_on_callers_stack():
            self._check_gap(state, address, self.program.summary_for(key, self))

    def _check_gap(self, state: State, address: int, callee) -> None:
        """What the callee can stand of untouched bytes above its sp."""
        if not self._matters(state):
            return
        if callee.bare:
            self.summary.bare |= state.from_entry
            if self._pointers_below(state):
                self.wrong(address, "hole", "calls with a pointer to untouched bytes above sp; the "
                           "callee has a section with a window of 0")
        allowed = callee.gap
        if allowed >= NEVER // 2:
            return
        gap = max(0, state.touched - state.sp[1])
        if state.from_entry:
            self.gap_allowed(allowed - gap)
        elif gap > allowed:
            self.wrong(address, "hole", f"calls with {gap if gap < NEVER // 2 else 'unknown'} "
                       f"untouched bytes above sp; the callee can stand {allowed}", gap)
