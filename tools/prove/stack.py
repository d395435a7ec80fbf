"""Where sp goes, and which bytes of the stack are touched.

A byte counts as touched if it lies at or above sp and was read or written in a live frame. The
chain of touches is told by its lowest byte: `State.touched`. It grows downwards in steps of at most
a page; a longer step leaves a page between that may be absent.
"""

from .records import Fact, StackKind
from .state import ENTRY, NEVER, State, lowest

PAGE = 4096


class StackOperations:
    """The part of the stepper that moves sp. `notes` (function.py) is told what is touched, how
    deep, and what is wrong."""

    stack_pointer: str
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
            state.registers[register] = value

    def expose(self, state: State, register, value) -> None:
        """An address in the frame is made: pointers may reach from there on upwards."""
        if value is not None and value[0] == "s" and register != self.stack_pointer:
            state.exposed = min(state.exposed, lowest(value[1], value[2]))

    # ---- sp

    def move_sp(self, state: State, base: tuple, offset: int) -> None:
        old_base, old = state.sp
        if state.flags is not None and state.flags[0] == "equal":
            state.flags = None
        if base != old_base:
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
        if state.from_entry:
            self.notes.gap_allowed(0)
            state.from_entry = False
        state.entry_touched = state.touched_from_entry()
        state.sp = (("variable", self.address), 0)
        state.touched = NEVER
        self.notes.depth(state, self.address)

    def switch_stack(self, state: State, kind: int) -> None:
        """A declared move to another stack: its chain of touches begins at sp."""
        state.entry_touched = state.touched_from_entry()
        state.sp = (("stack", self.address), 0)
        state.touched = 0
        state.from_entry = False
        state.kind = StackKind(kind)
        state.sections = frozenset()

    def align_sp(self, state: State, alignment: int) -> None:
        base, offset = state.sp
        gap = state.touched - offset + alignment - 1
        state.entry_touched = state.touched_from_entry()
        state.sp = (("aligned", alignment, base, offset), 0)
        state.touched = gap
        self.notes.depth(state, self.address)

    def refine_sp(self, state: State, value: tuple) -> None:
        """A comparison has shown that sp equals a known address."""
        gap = state.touched - state.sp[1]
        state.sp = (value[1], value[2])
        state.touched = value[2] + gap
        self.notes.depth(state, self.address)

    # ---- touching

    def touch(self, state: State, base, offset, size: int) -> None:
        """An access; only what is known to lie on the stack counts."""
        value = self.value(state, base) if base is not None else None
        if value is None or value[0] != "s":
            return
        if offset is None:
            self.expose(state, None, value)
            return
        place = value[2] + offset
        self.notes.access(state, self.address, value[1], place)
        if value[1] != state.sp[0]:
            if value[1] is ENTRY and place < state.entry_touched <= place + size - 1 + PAGE:
                state.entry_touched = place
            return
        if place < state.sp[1]:
            self.notes.below_sp(state, self.address, state.sp[1] - place)
            return
        if place >= state.touched:
            return
        distance = state.touched - (place + size - 1)
        if state.from_entry:
            self.notes.gap_allowed(PAGE - distance)
            state.from_entry = False
        elif distance > PAGE:
            self.notes.hole(state, self.address, distance)
            return
        state.touched = place

    def do_access(self, state, operation):
        self.touch(state, *operation[1:])

    def do_reach(self, state, operation):
        _, register, size = operation
        self.touch(state, register, 0, size)
        self.expose(state, None, self.value(state, register))

    def do_push(self, state, operation):
        held = self.value(state, operation[1]) if operation[1] is not None else None
        base, offset = state.sp
        self.move_sp(state, base, offset - 8)
        self.touch(state, self.stack_pointer, 0, 8)
        if held is not None:
            state.slots[base, offset - 8] = held
        else:
            state.slots.pop((base, offset - 8), None)

    def do_pop(self, state, operation):
        self.touch(state, self.stack_pointer, 0, 8)
        base, offset = state.sp
        value = state.slots.get((base, offset))
        self.move_sp(state, base, offset + 8)
        self.put(state, operation[1], value)
