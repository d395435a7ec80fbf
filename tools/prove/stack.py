"""Where sp goes, and what registers hold."""

from .records import Fact, StackKind
from .state import ENTRY, NEVER, State, lowest, root_of


class StackOperations:
    """The part of the stepper that moves sp. `notes` (function.py) is told what is touched, how
    deep, and what is wrong."""

    stack_pointer: str
    frame_pointers: tuple
    address: int
    facts: tuple

    # ---- values

    def value(self, state: State, operand):
        """What a register or constant holds; None: unknown."""
        if operand.__class__ is int:
            return ("c", operand)
        if operand == self.stack_pointer:
            return ("s", *state.sp)
        return state.registers.get(operand)

    def put(self, state: State, register, value) -> None:
        state.forget_comparison(register)
        if register == self.stack_pointer:
            if value is not None and value[0] == "s":
                self.move_sp(state, value[1], value[2])
            else:
                self.lose_sp(state)
        elif value is None:
            state.registers.pop(register, None)
        elif register is not None:
            if value[0] == "s" and register not in self.frame_pointers:
                self.expose(state, value)
            state.registers[register] = value

    def expose(self, state: State, value) -> None:
        """An address in the frame is made: pointers may reach from there on upwards. In a section
        that is as good as reading there."""
        if value is not None and value[0] == "s":
            state.exposed = min(state.exposed, lowest(value[1], value[2]))
            self.notes.reach(state, self.address, value[1], value[2], True)

    # ---- sp

    def move_sp(self, state: State, base: tuple, offset: int) -> None:
        old_base, old = state.sp
        if state.flags is not None and state.flags[0] == "equal":
            state.flags = None
        if base != old_base:
            state.slots = {at: v for at, v in state.slots.items() if at[0] in (ENTRY, base)}
            if base is ENTRY:
                state.touched = state.entry_touched
            else:  # back to an address that was saved while sp was elsewhere
                state.entry_touched = state.touched_from_entry()
                state.touched = NEVER
            state.sp = (base, offset)
            state.forget_below_sp()
            self.notes.depth(state, self.address)
            return
        state.sp = (base, offset)
        if offset > old:
            state.forget_below_sp()
        elif offset < old:
            self.notes.depth(state, self.address)

    def lose_sp(self, state: State) -> None:
        """sp moves by an amount, or to a place, that is not known here."""

        for kind, value in self.facts:
            if kind == Fact.STACK:
                self.switch_stack(state, value)
                return
        if root_of(state.sp[0])[0] == "stack" or state.kind != self.notes.context.kind:
            self.notes.wrong(self.address, "stack", "leaves a stack that it went to, and nothing "
                             "says for which")
        if state.from_entry:
            self.notes.gap_allowed(0)
            state.from_entry = False
        state.entry_touched = state.touched_from_entry()
        state.begin_base(("variable", self.address))
        state.touched = NEVER
        self.notes.depth(state, self.address)

    def switch_stack(self, state: State, kind: int) -> None:
        """A declared move to another stack: its chain of touches begins at sp. The way back is
        known if both are of one kind and no section is open: else the old one's addresses, and
        where the caller goes on, are forgotten."""
        if kind != state.kind or not state.preemptible:
            state.registers = {r: v for r, v in state.registers.items() if v[0] != "s"}
            state.slots = {}
        state.entry_touched = state.touched_from_entry()
        state.begin_base(("stack", self.address))
        state.touched = 0
        state.from_entry = False
        state.kind = StackKind(kind)
        state.sections = frozenset()

    def align_sp(self, state: State, alignment: int) -> None:
        base, offset = state.sp
        gap = state.touched - offset + alignment - 1
        state.entry_touched = state.touched_from_entry()
        state.sp = (("aligned", alignment, base, offset), 0)
        state.flags = None
        state.touched = gap
        self.notes.depth(state, self.address)

    def refine_sp(self, state: State, value: tuple) -> None:
        """A comparison has shown that sp equals a known address."""
        gap = state.touched - state.sp[1]
        state.sp = (value[1], value[2])
        state.touched = value[2] + gap
        self.notes.depth(state, self.address)
