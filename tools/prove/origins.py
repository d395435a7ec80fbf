"""Where each word comes from: assembly that saves everything and loads it again, followed exactly.

An origin is (root, n): what `root` was at the start, plus n. A root is a register, a system
register, or a word of the CPU's own at gs ("gs:0x10"); or what lay in memory at the start,
("held", root, n): at the address (root, n); or ("low", origin): the lower half of another. None:
not known. Places of different roots are taken for different memory.

The prover's own values (state.py) forget what they need not know. Here nothing may be forgotten,
and no ways are joined: the pieces are short, and have no loops (follow.py).
"""

from .operands_x86_64 import operands_of

# What the next trap writes over: nothing of it outlives a call.
SYSTEM_REGISTERS = {"x86_64": (), "aarch64": ("elr_el1", "spsr_el1", "sp_el0")}
READS_ONLY = ("cmp", "test", "bt", "jmp", "call")
PREFIXES = ("lock", "ds", "cs", "data16", "xacquire", "xrelease", "rex.W")
IMPLICIT = ("mul", "imul", "div", "idiv", "cmpxchg", "cmpxchg8b", "cmpxchg16b")  # rax and rdx, too


def held(origin: tuple, offset: int = 0) -> tuple:
    """What memory held there at the start."""
    return ("held", origin[0], origin[1] + offset), 0


def low(origin: tuple | None) -> tuple | None:
    """The lower half."""
    if origin is None or origin[0][0] == "low":
        return origin
    return ("low", origin), 0


class Way:
    """One way through the code, as far as it has been followed."""

    def __init__(self, program, address: int):
        self.program = program
        self.address = address
        self.lift = program.lift
        self.sp = program.lift.STACK_POINTER
        self.registers: dict = {}
        self.memory: dict = {}           # (root, n) -> origin of the word there
        self.lost: dict = {}             # root -> from where on memory is not what it was
        self.seen: set[int] = set()
        self.deepest = 0                 # lowest place below sp at the start that it uses
        self.frame = None                # (first argument, memory) of the first call
        self.calls = 0
        self.end: tuple | None = None    # the flow that ended it, and
        self.goal: tuple | None = None   # where it leads, of a jump or a return

    def copy(self) -> "Way":
        new = Way(self.program, self.address)
        new.__dict__.update(self.__dict__)
        new.registers, new.memory = self.registers.copy(), self.memory.copy()
        new.seen, new.lost = self.seen.copy(), self.lost.copy()
        return new

    # ---- values

    def value(self, operand) -> tuple | None:
        if operand.__class__ is not str:
            return None
        return self.registers.get(operand, (operand, 0))

    def put(self, register: str, origin: tuple | None) -> None:
        self.registers[register] = origin
        if register == self.sp:
            self._use(origin)

    def _use(self, place: tuple | None) -> None:
        if place is not None and place[0] == self.sp:
            self.deepest = min(self.deepest, place[1])

    def plus(self, origin: tuple | None, count) -> tuple | None:
        if origin is None or count.__class__ is not int:
            return None
        return origin[0], origin[1] + (count + (1 << 63)) % (1 << 64) - (1 << 63)

    def load(self, place: tuple | None, size: int) -> tuple | None:
        if place is None or size not in (4, 8):
            return None
        self._use(place)
        lost = place[1] + size > self.lost.get(place[0], place[1] + size)
        found = self.memory.get(place, None if lost else held(place))
        return low(found) if size == 4 else found

    def store(self, place: tuple | None, size: int, origin: tuple | None) -> None:
        if place is None:
            return
        self._use(place)
        for near in range(place[1] - 7, place[1] + size):
            if (place[0], near) in self.memory:
                self.memory[place[0], near] = None
        self.memory[place] = origin if size == 8 else low(origin) if size == 4 else None

    # ---- operations, as the lifters write them (step.py)

    def do_set(self, register, source):
        self.put(register, self.value(source))

    def do_narrow(self, register, source, bits):
        self.put(register, low(self.value(source)) if bits == 32 else None)

    def do_add(self, register, left, right, bits):
        self.put(register, self.plus(self.value(left), right) if bits == 64 else None)

    def do_sub(self, register, left, right, bits):
        self.do_add(register, left, -right if right.__class__ is int else None, bits)

    def do_lea(self, register, base, offset):
        self.put(register, self.plus(self.value(base), offset))

    def do_load(self, register, base, offset, size):
        self.put(register, self.load(self.plus(self.value(base), offset), size))

    def do_store(self, base, offset, size, source):
        self.store(self.plus(self.value(base), offset), size, self.value(source))

    def do_access(self, base, offset, size):
        self._use(self.plus(self.value(base), offset))

    def do_modify(self, base, offset, size):
        """Written, in a way that is not followed."""
        self.store(self.plus(self.value(base), offset), size, None)

    def do_push(self, source):
        held_, top = self.value(source), self.plus(self.value(self.sp), -8)
        self.put(self.sp, top)
        self.store(top, 8, held_)

    def do_pop(self, register):
        top = self.value(self.sp)
        found = self.load(top, 8)
        self.put(self.sp, self.plus(top, 8))
        if register is not None:
            self.put(register, found)

    def do_kill(self, *registers):
        for register in registers:
            self.put(register, None)

    def do_flags(self, *_):
        self.put("nzcv", None)

    do_cmp = do_test = do_zero_flag = do_flags

    def do_reach(self, register, size, count, writes):
        """A string instruction: what it writes from there on upwards is lost."""
        self._use(self.value(register))
        if writes:
            self._lose(self.value(register))

    def do_block(self, register):
        self._lose(self.value(register), 2048)  # the largest block that a cache may have

    def _lose(self, place: tuple | None, before: int = 0) -> None:
        if place is not None:
            self.lost[place[0]] = min(place[1] - before, self.lost.get(place[0], place[1]))
            for root, at in self.memory:
                if root == place[0] and at > place[1] - before - 8:
                    self.memory[root, at] = None

    # ---- one instruction

    def execute(self, instruction, operations) -> None:
        special = self._x86_64 if self.program.image.arch == "x86_64" else self._aarch64
        if special(instruction):
            return
        for kind, *operands in operations:
            if (handler := getattr(self, "do_" + kind, None)) is not None:
                handler(*operands)
            elif operands and operands[0].__class__ is str and kind not in (
                    "forbidden", "error", "only"):
                self.put(operands[0], None)

    def _aarch64(self, instruction) -> bool:
        """System registers."""
        parts = instruction.operands.split(", ")
        if instruction.mnemonic == "mrs":
            self.put(parts[0], self.value(parts[1]))
        elif instruction.mnemonic == "msr" and parts[0] == "spsel":
            self.put(self.sp, None)
        elif instruction.mnemonic == "msr" and parts[1][0] == "x":
            self.put(parts[0], None if parts[1] == "xzr" else self.value(parts[1]))
        else:
            return False
        return True

    def _x86_64(self, instruction) -> bool:
        """What the lifter says too little about: the CPU's own data, and changes of memory."""
        name, text = instruction.mnemonic, instruction.operands
        while name in PREFIXES and text:
            name, _, text = text.partition(" ")
        operands = operands_of(text)
        for index, operand in enumerate(operands):
            if operand.memory is not None and operand.memory[0] == "gs" and \
                    operand.memory[1] is None and operand.memory[2].__class__ is int:
                self._own_data(name, index, operands, f"gs:{operand.memory[2]:#x}")
                return True
        memory = operands[0].memory if operands else None
        if memory is None or name not in ("pop", "add", "sub"):
            return False
        if name == "pop":
            origin = self.load(self.value(self.sp), 8)
            self.do_pop(None)
            self.store(self.plus(self.value(memory[1]), memory[2]), 8, origin)
            return True
        place, count = self.plus(self.value(memory[1]), memory[2]), operands[1].value
        self.store(place, memory[3], self._moved(self.load(place, memory[3]), name, count))
        return True

    def _moved(self, origin, name: str, count) -> tuple | None:
        count = -count if name == "sub" and count is not None else count
        return self.plus(origin, count)

    def _own_data(self, name: str, index: int, operands, word: str) -> None:
        other = operands[1 - index] if len(operands) == 2 else None
        if name == "mov" and 32 <= operands[0].bits and index == 1:
            found = self.value(word)
            self.put(other.register, found if other.bits == 64 else low(found))
        elif name == "mov" and 32 <= operands[0].bits:
            found = self.value(other.register)
            self.put(word, found if operands[0].bits == 64 else low(found))
        elif name == "push":
            self.do_push(word)
        elif name in ("add", "sub") and index == 0:
            self.put(word, self._moved(self.value(word), name, other.value))
        elif name not in READS_ONLY:
            self.do_kill(word, *(o.register for o in operands if o.register is not None))
            if name == "pop":
                self.do_pop(word)
            elif name in IMPLICIT:
                self.do_kill("rax", "rdx")

    # ---- calls

    def called(self) -> None:
        """A callee has come back, with all that a call preserves."""
        if self.frame is None:
            self.frame = self.value(self.lift.ARGUMENTS[0]), self.memory.copy()
        self.calls += 1
        self.do_kill(*self.lift.CALLER_SAVED, *SYSTEM_REGISTERS[self.program.image.arch])
