"""The ways in and out of traps and system calls: what entry saves, the return loads, and sp.

An interrupt comes between any two instructions, so whatever it leaves changed is an error of the
interrupted code that nobody can see there. Each gate and vector is followed from its first
instruction to its last (origins.py). Where it returns, every register must hold what it held on
arrival, the context word must be what it was, and sp must point to what the hardware pushed.

What is saved where is the *layout* of a frame. A thread that was preempted is resumed from a copy
of its frame (switch_check.py), and a system call on aarch64 returns from one: these must load each
register from its place in the layout.
"""

import dataclasses

from .follow import follow
from .origins import held, low, Way
from .records import Fact
from .summary import Finding

# Where the hardware arrives, and of x86_64's gates which vector each is of.
STUBS = {"x86_64": ("fathom_vector_stubs", 256, 16), "aarch64": ("fathom_vectors", 16, 128)}
GATES = {"x86_64": {"fathom_page_fault_gate": 14, "fathom_debug_gate": 1}, "aarch64": {}}
ERROR_CODES = frozenset({8, 10, 11, 12, 13, 14, 17, 21})  # of these x86_64 pushes one, below rip
ERROR_CODE_BYTES = 8
RETURN_BYTES = {"x86_64": 2, "aarch64": 4}  # iretq, eret
SYSTEM = {"x86_64": ("gs:0x10", "gs:0x60", "gs:0x80"), "aarch64": ("elr_el1", "spsr_el1", "sp_el0")}
WORD = {"x86_64": ("gs:0x10", 0), "aarch64": held(("tpidr_el1", 0))}  # the context word
RETURN = "what the return reads"
# Those that a system call on x86_64 leaves as they were: all but rax, rcx and r11.
CALL_KEEPS = ("rdi", "rsi", "rdx", "r8", "r9", "r10")


class Frames:
    """The ways in and out of an image."""

    def __init__(self, program):
        self.program = program
        self.arch = program.image.arch
        self.findings: list[Finding] = []
        self.layout: dict = {}             # root of an origin -> its place in a frame
        self.returns: set[int] = set()     # where the ways end that are known to be exact
        lift = program.lift
        self.general = (*lift.CALLEE_SAVED, *lift.CALLER_SAVED)
        self.sp = lift.STACK_POINTER

    def run(self) -> None:
        """Looks at all ways of the hardware's and of system calls."""
        for start, vector in self._entries():
            for way in follow(self.program, start):
                self._trap(way, ERROR_CODE_BYTES if vector in ERROR_CODES and
                           self.arch == "x86_64" else 0)
        self._system_calls()

    def check_places(self) -> None:
        """Whoever may put a frame back ends with a return that was followed."""
        for kind, begin, end in self.program.ranges:
            if kind == Fact.RETURN_FROM_TRAP and end - RETURN_BYTES[self.arch] not in self.returns:
                self.wrong(begin, "code that puts a frame back does not end in a return of a way "
                           "that is known")

    def _entries(self):
        address_of = self.program.image.address_of
        name, count, distance = STUBS[self.arch]
        if name in address_of:
            yield from ((address_of[name] + i * distance, i) for i in range(count))
        yield from ((address_of[n], v) for n, v in GATES[self.arch].items() if n in address_of)

    def wrong(self, address: int, text: str) -> None:
        self.findings.append(Finding(address, "frame", text))

    def expect(self, way: Way, what: str, found: tuple | None, wanted: tuple | None) -> None:
        if found != wanted or wanted is None:
            self.wrong(way.address, f"returns with {what} from {said(found)}, not from "
                       f"{said(wanted)}")

    # ---- traps

    def _trap(self, way: Way, pushed: int) -> None:
        """`pushed`: bytes of an error code, which the return leaves out."""
        if way.end[0] != "trap_return":
            self.wrong(way.address, "a way from a vector does not end in a return from a trap")
            return
        self.returns.add(way.address)
        for register in (*self.general, *SYSTEM[self.arch]):
            self.expect(way, register, way.value(register), (register, 0))
        self.expect(way, self.sp, way.value(self.sp), (self.sp, pushed))
        if self.arch == "aarch64":
            self.expect(way, "the context word", way.load(("tpidr_el1", 0), 4),
                        low(WORD[self.arch]))
        self._take_layout(way, pushed)

    def _take_layout(self, way: Way, pushed: int) -> None:
        if way.frame is None or way.frame[0] is None or way.frame[0][0] != self.sp:
            self.wrong(way.address, "the handler is given no frame")
            return
        (_, begin), memory = way.frame
        layout = {origin[0]: place - begin for (root, place), origin in memory.items()
                  if root == self.sp and origin is not None and origin[1] == 0}
        if self.arch == "x86_64":
            layout[RETURN] = pushed - begin
        if self.layout and layout != self.layout:
            self.wrong(way.address, "the frame has another layout than another vector's")
        self.layout = layout

    # ---- system calls

    def _system_calls(self) -> None:
        address_of = self.program.image.address_of
        start = address_of.get("fathom_system_call_entry")
        for way in follow(self.program, start) if start is not None else ():
            self.returns.add(way.address)
            if way.end[0] != "trap_return":
                self.wrong(way.address, "a system call does not end in a return from a trap")
            elif self.arch == "x86_64":
                self._call_x86_64(way)
            else:
                self.from_frame(way, (self.sp, 0), without=("x0",))
        start = address_of.get("fathom_system_call_without_stack")
        for way in follow(self.program, start) if start is not None else ():
            self._call_without_stack(way)

    def _call_x86_64(self, way: Way) -> None:
        """rcx and r11 hold where the caller goes on, and its flags. It may be the call again."""
        for register in (*self.program.lift.CALLEE_SAVED, *CALL_KEEPS, "gs:0x10"):
            self.expect(way, register, way.value(register), (register, 0))
        top, place = way.value(self.sp), {"the flags": (16, "r11"), "rsp": (24, "rsp")}
        for what, (offset, register) in place.items():
            self.expect(way, what, way.load(way.plus(top, offset), 8), (register, 0))
        self._goes_on(way, way.load(top, 8), "rcx", 2)

    def _call_without_stack(self, way: Way) -> None:
        """aarch64: x16 holds where the caller goes on, x17 its flags."""
        for register in self.general:
            if register not in ("x0", "x16", "x17"):
                self.expect(way, register, way.value(register), (register, 0))
        self.expect(way, "sp", way.value("sp"), ("sp", 0))
        self.expect(way, "the flags", way.value("nzcv"), ("x17", 0))
        self._goes_on(way, way.goal, "x16", 4)

    def _goes_on(self, way: Way, goal: tuple | None, register: str, size: int) -> None:
        if goal not in ((register, 0), (register, -size)):
            self.wrong(way.address, f"goes on at {said(goal)}, not behind the call or at it")

    # ---- for whoever puts a whole frame back

    def from_frame(self, way: Way, frame: tuple, without: tuple = ()) -> None:
        """Every register must come from its place in the frame at `frame`."""
        self.returns.add(way.address)

        def saved(root) -> tuple | None:
            place = self.layout.get(root)
            return None if place is None else held(frame, place)

        for register in self.general:
            if register not in without:
                self.expect(way, register, way.value(register), saved(register))
        if self.arch == "x86_64":
            self.expect(way, "the context word", way.value("gs:0x10"),
                        low(saved(("low", WORD[self.arch]))))
            self.expect(way, "rsp", way.value("rsp"), way.plus(frame, self.layout.get(RETURN)))
            return
        for register in SYSTEM[self.arch]:
            self.expect(way, register, way.value(register), saved(register))
        self.expect(way, "the context word", way.load(way.value("tpidr_el1"), 4),
                    low(saved(WORD[self.arch][0])))


def said(origin: tuple | None) -> str:
    """An origin, for people."""
    if origin is None:
        return "somewhere unknown"
    root, offset = origin
    if root.__class__ is tuple:
        inner = said(root[1]) if root[0] == "low" else said(root[1:])
        root = f"the low half of {inner}" if root[0] == "low" else f"[{inner}]"
    return f"{root}{offset:+}" if offset else root
