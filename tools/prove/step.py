"""What one operation does to a state.

The operations, as the lifters write them (d, a, b: registers; b may be a constant, too):

    ("set", d, a)  ("narrow", d, a, bits)  ("low_byte", d, n)  ("unknown", d)  ("kill", d...)
    ("mixed", d, a...)                  something that is made of a... in an unknown way
    ("add" | "sub" | "and" | "or" | "xor" | "shr", d, a, b, bits)   ("bits", d, a, low, width)
    ("lea", d, base, offset)            an address that may go anywhere
    ("load", d, base, offset, size)     ("store", base, offset, size, a)
    ("access", base, offset, size)      something is read
    ("modify", base, offset, size)      something that is not known is written
    ("reach", a, size, n, writes)       a string instruction walks up from a, n times if n is known
    ("push", a)  ("pop", d)
    ("cmp" | "test", a, b, bits)  ("zero_flag", d, bits)  ("flags",)   the zero flag, or nothing
    ("set_flag", d, want)  ("set_flag_whole", d, want)  ("select", d, a, b, want)
    ("word", d)  ("word_test", mask)  ("word_compare", n)   the context word of x86_64
    ("anchor", d)  ("self", d)          pointers to what holds the context word
    ("system_call", d...)               a call that changes those registers
    ("forbidden", what)  ("error", what)
    ("only", a, values, what)           forbidden, unless a holds one of those values
    ("block", a)                        a cache line of the memory that a points to
"""

from .flags import FlagOperations
from .memory import MemoryOperations, POINTERS
from .records import StackKind
from .returns import RETURN_ADDRESS
from .stack import StackOperations
from .values import masked_word, signed

ADDRESSES = ("c", *POINTERS)  # to which a number can be added


class Stepper(StackOperations, MemoryOperations, FlagOperations):
    """Executes operations. `notes` (function.py) is told what is touched, how deep, and what is
    wrong."""

    def __init__(self, lift, notes):
        self.stack_pointer = lift.STACK_POINTER
        self.frame_pointers = ("rbp", "x29")
        self.saved = frozenset((*lift.CALLEE_SAVED, lift.RETURN_REGISTER, RETURN_ADDRESS[1]))
        self.notes = notes
        self.handlers = {name[3:]: getattr(self, name) for name in dir(self)
                         if name.startswith("do_")}
        self.address = 0
        self.facts = ()

    def run(self, state, operations) -> None:
        handlers = self.handlers
        for operation in operations:
            handlers[operation[0]](state, operation)

    # ---- moves

    def do_set(self, state, operation):
        _, register, source = operation
        self.put(state, register, self.value(state, source))

    def do_narrow(self, state, operation):
        _, register, source, bits = operation
        value = self.value(state, source)
        if value is not None and (value[0] == "c" or value[0] == "b" and bits == 8):
            self.put(state, register, ("c", value[1] & (1 << bits) - 1))
        elif value is not None and value[0] == "w" and bits == 32:
            self.put(state, register, value)
        else:
            self.put(state, register, None)

    def do_low_byte(self, state, operation):
        self.put(state, operation[1], ("b", operation[2]))

    def do_unknown(self, state, operation):
        self.put(state, operation[1], None)

    def do_mixed(self, state, operation):
        for source in operation[2:]:
            self.blur(state, source)
        self.put(state, operation[1], None)

    def blur(self, state, source) -> None:
        """Something unknown is added to a register: it may point anywhere in the frame if sp or a
        frame pointer is moved so, and upwards otherwise, as it did before."""
        value = self.value(state, source) if source.__class__ is str else None
        if value is not None and value[0] == "s" and self.makes_frame(source):
            self.expose(state, ("s", *state.sp))

    def do_kill(self, state, operation):
        for register in operation[1:]:
            state.forget_comparison(register)
            state.registers.pop(register, None)

    def do_anchor(self, state, operation):
        self.put(state, operation[1], ("a", 0))

    def do_self(self, state, operation):
        self.put(state, operation[1], ("self", 0))

    def do_lea(self, state, operation):
        _, register, base, offset = operation
        value, offset, exact = self.place(state, base, offset)
        if value is not None and value[0] in ADDRESSES:
            value = (*value[:-1], value[-1] + offset)
            if register != self.stack_pointer:
                self.expose(state, value)
        self.put(state, register, value if exact and value is not None and
                 value[0] in ADDRESSES else None)

    # ---- arithmetic

    def do_add(self, state, operation, sign=1):
        _, register, left, right, bits = operation
        a, b = self.value(state, left), self.value(state, right)
        result = None
        if a is not None and b is not None:
            if a[0] in POINTERS and b[0] == "c" and bits == 64:
                result = (*a[:-1], a[-1] + sign * signed(b[1]))
            elif sign == 1 and a[0] == "c" and b[0] in POINTERS and bits == 64:
                result = (*b[:-1], b[-1] + signed(a[1]))
            elif a[0] == b[0] == "c":
                result = ("c", (a[1] + sign * b[1]) & (1 << bits) - 1)
        if register != left and register != self.stack_pointer:
            self.expose(state, result)  # a frame pointer's, too
        if result is None and register != self.stack_pointer:
            self.blur(state, left)
            self.blur(state, right)
        self.put(state, register, result)

    def do_sub(self, state, operation):
        self.do_add(state, operation, -1)

    def do_and(self, state, operation):
        _, register, left, right, bits = operation
        a, b = self.value(state, left), self.value(state, right)
        if register == self.stack_pointer:
            alignment = (1 << 64) - b[1] if b is not None and b[0] == "c" else 0
            if a is not None and a[0] == "s" and alignment and alignment & alignment - 1 == 0:
                if left != register:
                    self.move_sp(state, a[1], a[2])
                self.align_sp(state, alignment)
            else:
                self.lose_sp(state)
            return
        result = None
        if a is not None and b is not None:
            if a[0] == b[0] == "c":
                result = ("c", a[1] & b[1] & (1 << bits) - 1)
            elif a[0] == "b" and b[0] == "c" and b[1] <= 255:
                result = ("c", a[1] & b[1])
            elif a[0] == "w" and b[0] == "c":
                result = masked_word(a, b[1] & (1 << bits) - 1)
        if result is None:
            self.blur(state, left)
            self.blur(state, right)
        self.put(state, register, result)

    def _fold(self, state, operation, compute):
        """Of numbers that are known: `compute` gets their low `bits`."""
        _, register, left, right, bits = operation
        a, b = self.value(state, left), self.value(state, right)
        known = a is not None and b is not None and a[0] == b[0] == "c"
        if not known:
            self.blur(state, left)
            self.blur(state, right)
        mask = (1 << bits) - 1
        self.put(state, register,
                 ("c", compute(a[1] & mask, b[1] & mask) & mask) if known else None)

    def do_or(self, state, operation):
        self._fold(state, operation, lambda a, b: a | b)

    def do_xor(self, state, operation):
        self._fold(state, operation, lambda a, b: a ^ b)

    def do_shr(self, state, operation):
        value = self.value(state, operation[2])
        if value is not None and value[0] == "w" and operation[3].__class__ is int:
            low = operation[3]
            self.put(state, operation[1], masked_word(value, 0xffffffff >> low << low))
            return
        self._fold(state, operation, lambda a, b: a >> b)

    def do_bits(self, state, operation):
        _, register, source, low, width = operation
        value = self.value(state, source)
        result = None
        if value is not None and value[0] == "c":
            result = ("c", value[1] >> low & (1 << width) - 1)
        elif value is not None and value[0] == "w":
            result = masked_word(value, (1 << width) - 1 << low)
        self.put(state, register, result)

    # ---- what has effects of its own

    def do_system_call(self, state, operation):
        if not state.preemptible or state.kind == StackKind.SYSTEM_CALL:
            self.notes.wrong(self.address, "system-call", "a system call is made inside another"
                             if state.preemptible else "a system call in an atomic section")
        self.notes.enters(state, self.address)
        self.do_kill(state, operation)

    def do_forbidden(self, state, operation):
        self.notes.forbidden(state, self.address, operation[1])

    def do_only(self, state, operation):
        _, register, values, what = operation
        value = self.value(state, register)
        if value is None or value[0] != "c" or value[1] not in values:
            self.notes.forbidden(state, self.address, what)

    def do_block(self, state, operation):
        value = self.value(state, operation[1])
        if value is not None and value[0] in POINTERS:
            self.notes.wrong(self.address, "unknown-instruction", "a whole cache line of the stack "
                             "or around the context word is written")

    def do_error(self, state, operation):
        self.notes.wrong(self.address, "unknown-instruction", operation[1])
