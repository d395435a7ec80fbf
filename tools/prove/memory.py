"""Memory: which bytes of the stack are touched, and what is known of the values in its slots.

A byte counts as touched if it lies at or above sp and was read or written in a live frame. The
chain of touches is told by its lowest byte: `State.touched`. It grows downwards in steps of at most
a page; a longer step leaves a page between that may be absent.

Each operand in memory is a base and an offset. The offset is a number, or a tuple (number,
register, scale) where an index is added; its register is None if it is not one that could be known.
"""

from .state import ENTRY, NEVER, State, distance, highest
from .values import signed, word_of

PAGE = 4096
WORD_AT = {"a": (0, 4), "self": (16, 20)}  # from which bytes of whom the context word lies
POINTERS = ("s", *WORD_AT)


class MemoryOperations:
    """The part of the stepper that reads and writes memory."""

    saved: frozenset  # registers that hold the caller's, and the return address

    # ---- where

    def place(self, state: State, base, offset) -> tuple:
        """(what the base holds, offset from it, whether that is exact). Where it is not, memory is
        reached from there on upwards; from anywhere in the frame, if sp or a frame pointer is
        indexed: the number that belongs to the index may come later."""
        value = self.value(state, base) if base is not None else None
        if offset.__class__ is not tuple:
            return value, offset, True
        number, register, scale = offset
        index = self.value(state, register) if register is not None else None
        if index is not None and index[0] in POINTERS and scale == 1:  # in a sum both are alike
            base, value, index = register, index, value
        if index is not None and index[0] == "c":
            return value, number + scale * signed(index[1]), True
        if value is not None and value[0] == "s" and self.makes_frame(base):
            return ("s", *state.sp), 0, False
        return value, number, False

    def makes_frame(self, register) -> bool:
        """Whether the frame's own accesses are made by this register."""
        return register == self.stack_pointer or register in self.frame_pointers

    # ---- touching

    def touch(self, state: State, base: tuple, place: int, size: int, sure: bool = True) -> None:
        """An access to the stack; not `sure`: it may be left out, or lie higher."""
        self.notes.reach(state, self.address, base, place, True)
        if base != state.sp[0]:
            return  # sp may lie above it, or come to
        if place < state.sp[1] or place >= state.touched:
            return
        step = state.touched - (place + size - 1)
        if state.from_entry:
            self.notes.gap_allowed(PAGE - step)
        elif step > PAGE:
            self.notes.hole(state, self.address, step)
            return
        if sure:
            state.from_entry = False
            state.touched = place

    def use(self, state: State, pointer: tuple, size: int, writes: bool = False) -> None:
        """An access through a pointer (as place() returns it)."""
        value, offset, exact = pointer
        if value is None:
            return
        if value[0] == "s":
            place = value[2] + offset
            self.touch(state, value[1], place, size, exact)
            if writes:
                if exact:
                    self.overwrite(state, value[1], place, size)
                else:
                    self.expose(state, ("s", value[1], place))
        elif writes and value[0] in WORD_AT:
            begin, end = WORD_AT[value[0]]
            at = value[1] + offset
            if at < end and (at + size > begin or not exact):
                self.do_forbidden(state, ("forbidden", "stores to the context word"))

    def overwrite(self, state: State, base: tuple, place: int, size: int) -> None:
        """Slots that are written hold something else now. Of slots that are named from another
        base nobody knows where they lie."""
        if base == state.sp[0] and place < state.sp[1] and not state.atomic:
            self.notes.wrong(self.address, "red-zone", f"stores {state.sp[1] - place} bytes below "
                             "sp: nothing is kept there but in a section")
        if base is ENTRY and place + size > 0:
            self.notes.writes_above(place, size)
        slots = state.slots
        if size <= 64:
            for near in range(place - 7, place + size):
                slots.pop((base, near), None)
        else:
            for at in [at for at in slots if at[0] == base and place - 8 < at[1] < place + size]:
                del slots[at]
        if base is not ENTRY or state.sp[0] is not ENTRY:
            for at in [at for at in slots if at[0] != base and not self.is_strong(slots[at])]:
                del slots[at]

    def overwrite_by_callee(self, state: State, above: int, size: int) -> None:
        """A callee has written so many bytes at that distance from sp: an argument on the stack, or
        more. Whatever may lie there is lost, a saved register as well."""
        base, offset = state.sp
        self.overwrite(state, base, offset + above, size)
        for at in [at for at in state.slots if at[0] != base and
                   distance(*at, base) < offset + above + size]:
            del state.slots[at]

    def is_strong(self, value: tuple) -> bool:
        """Whether a slot that holds this is the compiler's own: a saved register's, or that of the
        thread that runs. One with an argument or a frame address may be an object."""
        return value[0] == "a" or value[0] == "i" and value[1] in self.saved

    def held(self, state: State, base: tuple, place: int):
        """What a slot holds, unless a pointer may have changed that."""
        value = state.slots.get((base, place))
        if value is not None and not self.is_strong(value) and \
                highest(base, place) >= state.exposed:
            return None
        return value

    # ---- operations

    def do_access(self, state, operation):
        _, base, offset, size = operation
        self.use(state, self.place(state, base, offset), size)

    def do_modify(self, state, operation):
        _, base, offset, size = operation
        self.use(state, self.place(state, base, offset), size, writes=True)

    def do_reach(self, state, operation):
        """A string instruction: it touches nothing if it is repeated no times."""
        _, register, size, count, writes = operation
        value = self.value(state, register)
        times = self.value(state, count) if count is not None else None
        known = times is not None and times[0] == "c" and times[1] * size < 1 << 32
        if value is None or known and times[1] == 0:
            return
        if known:
            self.use(state, (value, 0, True), times[1] * size, writes)
            return
        if writes and value[0] == "s":
            self.overwrite(state, value[1], value[2], size)
        self.use(state, (value, 0, False), size, writes)

    def do_load(self, state, operation):
        _, register, base, offset, size = operation
        pointer = value, offset, exact = self.place(state, base, offset)
        self.use(state, pointer, size)
        result = None
        if value is not None and exact:
            if value[0] == "s" and size == 8:
                result = self.held(state, value[1], value[2] + offset)
            elif value[0] == "a" and value[1] + offset == 0 and size >= 4:
                result = word_of(state)
        self.put(state, register, result)

    def do_store(self, state, operation):
        _, base, offset, size, source = operation
        pointer = value, offset, exact = self.place(state, base, offset)
        self.use(state, pointer, size, writes=True)
        held = self.value(state, source) if source is not None else None
        if held is None:
            return
        self.expose(state, held)
        if exact and value is not None and value[0] == "s" and size == 8:
            state.slots[value[1], value[2] + offset] = held

    def do_push(self, state, operation):
        held = self.value(state, operation[1]) if operation[1] is not None else None
        base, offset = state.sp
        self.move_sp(state, base, offset - 8)
        self.do_store(state, ("store", self.stack_pointer, 0, 8, None))
        if held is not None:
            self.expose(state, held)
            state.slots[base, offset - 8] = held

    def do_pop(self, state, operation):
        self.touch(state, *state.sp, 8)
        base, offset = state.sp
        value = self.held(state, base, offset)
        self.move_sp(state, base, offset + 8)
        self.put(state, operation[1], value)
