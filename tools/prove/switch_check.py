"""The switch of threads, looked at by itself: what is saved comes back, at the same place.

fathom_switch(out, in) has two halves: it stores registers in the record of `out` (the first
argument) and loads them from the record of `in` (the second); fathom_resume(in) has the second half
only. To the code that calls the switch the two records are one: what this call saves, a later one
restores. So in the way back that belongs to a called switch each callee-saved register, sp and the
return address must be loaded from the offset where the switch stores them, and the context word
must be left alone. The other way back resumes a thread that was interrupted: it must load all from
where entry saves it (frames.py). A record is laid out as a frame is, so the registers that both
save tell where in a thread's record that frame begins.

Nothing of the switch is counted as depth. So it may use no byte of the stack it was called on.
"""

from .follow import follow
from .frames import Frames, said
from .origins import held, Way
from .summary import Finding


def check(program) -> list[Finding]:
    """What is wrong with the switch, and with the ways in and out; empty: nothing."""
    frames = Frames(program)
    frames.run()
    switches = [p for p, returns in program.switches.items() if returns]
    if len(switches) != 1:
        return [*frames.findings, Finding(0, "switch", f"{len(switches)} functions are known to "
                                          "switch threads")]
    switch = _Switch(program, switches[0], frames)
    switch.run()
    frames.check_places()
    return [*frames.findings, *switch.findings]


class _Switch:
    """The function that switches, and those that only resume."""

    def __init__(self, program, start: int, frames: Frames):
        self.program = program
        self.start = start
        self.frames = frames
        self.findings: list[Finding] = []
        self.saved: dict[str, int] = {}  # what -> offset in out's record
        self.sp = program.lift.STACK_POINTER
        self.return_bytes = program.lift.RETURN_ADDRESS_BYTES

    def run(self) -> None:
        out, into = self.program.lift.ARGUMENTS[:2]
        for start, returns in sorted(self.program.switches.items(), key=lambda s: -s[1]):
            ways = follow(self.program, start)
            if {way.end[0] == "trap_return" for way in ways} != {True, False}:
                self.wrong(start, "the switch has not its two ways back")
            for way in ways:
                self._stack(way)
                if returns:
                    self._take_saved(way, out)
            for way in ways:
                self._way_back(way, into if returns else out)

    def wrong(self, address: int, text: str) -> None:
        self.findings.append(Finding(address, "switch", text))

    def _stack(self, way: Way) -> None:
        if way.deepest < 0 or way.calls:
            self.wrong(way.address, "the switch uses the stack it was called on, which nobody "
                       f"counts: {-way.deepest} bytes, {way.calls} calls")

    def _wanted(self) -> dict:
        """What must be saved, and its origin: sp as it is after the return."""
        wanted = {register: (register, 0) for register in self.program.lift.CALLEE_SAVED}
        wanted[self.sp] = (self.sp, self.return_bytes)
        wanted["return address"] = held((self.sp, 0)) if self.return_bytes else ("x30", 0)
        return wanted

    def _take_saved(self, way: Way, out: str) -> None:
        places = {origin: place for (root, place), origin in way.memory.items() if root == out}
        for what, origin in self._wanted().items():
            place = places.get(origin)
            if place is None or self.saved.setdefault(what, place) != place:
                self.wrong(self.start, f"the switch does not save {what}")

    def _way_back(self, way: Way, into: str) -> None:
        """`into`: the argument that holds whom to resume."""
        if way.end[0] == "trap_return":
            self._interrupted(way, into)
            return
        for what in self._wanted():
            found = way.goal if what == "return address" else way.value(what)
            place = self.saved.get(what)
            if place is None or found != held((into, place)):
                self.wrong(self.start, f"the switch saves {what} at {place}, but restores it from "
                           f"{said(found)}")
        self._word(way, into)

    def _word(self, way: Way, into: str) -> None:
        """The context word is the same for all who call the switch: program.py demands it."""
        if way.value("gs:0x10") != ("gs:0x10", 0) or (into, 0) in way.memory:
            self.wrong(self.start, "the switch changes the context word")

    def _interrupted(self, way: Way, into: str) -> None:
        begins = {self.saved.get(register, 0) - self.frames.layout.get(register, 0)
                  for register in self.program.lift.CALLEE_SAVED}
        if len(begins) != 1:
            self.wrong(self.start, "the switch's record is not laid out as a frame is")
            return
        self.frames.from_frame(way, (into, begins.pop()))
