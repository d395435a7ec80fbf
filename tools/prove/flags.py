"""The zero flag, and the context word as it is read."""

from .values import (as_flag, is_zero, known_flag, masked_word, word_of)


class FlagOperations:
    """The part of the stepper that compares."""

    # ---- the zero flag

    def do_flags(self, state, operation):
        state.flags = None

    def do_zero_flag(self, state, operation):
        state.flags = as_flag(is_zero(state.registers.get(operation[1]), operation[2]))

    def do_cmp(self, state, operation):
        _, left, right, bits = operation
        a, b = self.value(state, left), self.value(state, right)
        state.flags = None
        if self.stack_pointer in (left, right):
            other = b if left == self.stack_pointer else a
            if a is not None and a == b:
                state.flags = ("z", True)  # a probing loop without a page to probe
            elif other is not None and other[0] == "s" and bits == 64:
                state.flags = ("equal", other)
        elif b == ("c", 0):
            state.flags = as_flag(is_zero(a, bits))
        elif a is not None and b is not None and a[0] == b[0] == "c":
            mask = (1 << bits) - 1
            state.flags = ("z", a[1] & mask == b[1] & mask)
        elif a is not None and a[0] == "b" and b is not None and b[0] == "c" and bits == 8:
            state.flags = ("z", a[1] == b[1] & 255)
        elif left.__class__ is str and right is not None and bits >= 32:
            same = state.compared is not None and state.compared[:3] == (left, right, bits)
            state.flags = ("z", state.compared[3]) if same else ("compared", left, right, bits)

    def do_test(self, state, operation):
        _, left, right, bits = operation
        a, b = self.value(state, left), self.value(state, right)
        if left == right:
            state.flags = as_flag(is_zero(a, bits))
        elif a is not None and b is not None and b[0] == "c" and a[0] in "cbw":
            mask = b[1] & (1 << bits) - 1
            if a[0] == "w":
                state.flags = as_flag(is_zero(masked_word(a, mask), 64))
            elif a[0] == "c" or mask <= 255:
                state.flags = ("z", a[1] & mask == 0)
            else:
                state.flags = None
        else:
            state.flags = None

    def do_set_flag(self, state, operation):
        known = known_flag(state)
        want = operation[2]
        self.put(state, operation[1],
                 None if known is None or want is None else ("b", int(known == want)))

    def do_set_flag_whole(self, state, operation):
        known = known_flag(state)
        want = operation[2]
        self.put(state, operation[1],
                 None if known is None or want is None else ("c", int(known == want)))

    def do_select(self, state, operation):
        _, register, first, second, want = operation
        a = self.value(state, first) if first is not None else None
        b = self.value(state, second) if second is not None else None
        known = known_flag(state)
        if known is None or want is None:
            self.expose(state, a)
            self.expose(state, b)
            self.put(state, register, a if a == b else None)
        else:
            self.put(state, register, a if known == want else b)

    # ---- the context word

    def do_word(self, state, operation):
        self.put(state, operation[1], word_of(state))

    def do_word_test(self, state, operation):
        state.flags = as_flag(is_zero(masked_word(word_of(state), operation[1]), 64))

    def do_word_compare(self, state, operation):
        state.flags = ("z", False) if operation[1] == 0 and state.atomic else None
