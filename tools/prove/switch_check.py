"""The switch of threads, looked at by itself: what is saved comes back, at the same place.

fathom_switch(out, in) has two halves: it stores registers in the record of `out` (the first
argument) and loads them from the record of `in` (the second). To the code that calls it, the two
records are one: what this call saves, a later one restores. So each callee-saved register, sp, the
return address and (x86_64, unless it is left as it is) the context word must be loaded from the
offset where they were stored, in the way back that belongs to a called switch; and the other way
back, which puts a whole frame back, must restore every register.
"""

from .summary import Finding

WORD = "context word"
RETURN = "return address"


def check(program) -> list[Finding]:
    """What is wrong with the switch; empty: nothing."""
    start = next((p for p, returns in program.switches.items() if returns), None)
    if start is None:
        return [Finding(0, "switch", "no function is known to switch threads")]
    walk = _Walk(program, start)
    walk.run()
    return walk.findings()


class _Walk:
    """Follows both ways back, with the stores and loads that each makes."""

    def __init__(self, program, start: int):
        self.program = program
        self.start = start
        self.arguments = program.lift.ARGUMENTS
        self.saved: dict[str, int] = {}     # what -> offset in out's record
        self.ways: list[dict[str, int]] = []  # what -> offset in in's record, for each way back
        self._last_access: int | None = None
        self.frames: list[set[str]] = []    # registers that a whole frame's way back restores

    def run(self) -> None:
        self._follow(self.start, {"x9": None}, {}, 0)

    def _follow(self, address: int, names: dict, loaded: dict, steps: int) -> None:
        """One way, up to its end; `names`: what a register holds besides itself."""
        names, loaded = dict(names), dict(loaded)
        image = self.program.image
        while steps < 200:
            steps += 1
            lifted = self.program.lifted(address)
            if lifted is None:
                return
            instruction = self.program.code[address]
            operations, flow, end = lifted
            for operation in operations:
                self._operate(operation, names, loaded)
            if instruction.mnemonic in ("iretq", "eret"):
                self.frames.append(set(loaded))
                return
            if flow is None:
                address = end
                continue
            if flow[0] == "branch":
                self._follow(flow[2], names, loaded, steps)
                address = end
            elif flow[0] == "jump" and image.in_text(flow[1]):
                address = flow[1]
            else:
                if flow[0] == "ijump":
                    loaded[RETURN] = self._last_access
                self.ways.append(loaded)
                return

    def _operate(self, operation: tuple, names: dict, loaded: dict) -> None:
        out, into = self.arguments[0], self.arguments[1]
        kind = operation[0]
        pointer = self.program.lift.STACK_POINTER
        if kind == "store" and operation[1] == out and operation[4] is not None:
            register = operation[4]
            self.saved.setdefault(names.get(register) or register, operation[2])
        elif kind == "pop" and operation[1] is None:
            self.saved.setdefault(RETURN, None)
        elif kind == "modify" and operation[1] == out and self.saved.get(RETURN, 0) is None:
            self.saved[RETURN] = operation[2]
        elif kind == "access" and operation[1] == into:
            self._last_access = operation[2]
        elif kind == "load" and names.get(operation[2], operation[2]) == into:
            loaded[operation[1]] = operation[3]
            names[operation[1]] = None
        elif kind == "load" and names.get(operation[2]) == "record":
            loaded[operation[1]] = operation[3]
        elif kind == "set" and operation[2] == pointer:
            names[operation[1]] = pointer
        elif kind == "set" and operation[1] == pointer and operation[2] in loaded:
            loaded[pointer] = loaded[operation[2]]
        elif kind == "set" and operation[2] == into:
            names[operation[1]] = into
        elif kind == "add" and operation[2] == into and operation[1] != into:
            names[operation[1]] = "record"
        elif kind == "word":
            names[operation[1]] = WORD
        elif kind == "forbidden" and "context word" in operation[1] and "rax" in loaded:
            loaded[WORD] = loaded["rax"]
        elif kind == "pop":
            loaded[operation[1]] = -1

    def findings(self) -> list[Finding]:
        lift, found = self.program.lift, []
        wanted = [*lift.CALLEE_SAVED, lift.STACK_POINTER]
        wanted += [RETURN, WORD] if lift.RETURN_ADDRESS_BYTES else ["x30"]
        if not self.ways or not self.frames:
            return [Finding(self.start, "switch", "the switch has not its two ways back")]
        if all(WORD not in way for way in self.ways) and WORD not in self.saved:
            wanted = [w for w in wanted if w != WORD]  # always the same: program.py demands it
        for what in wanted:
            if self.saved.get(what) is None:
                found.append(Finding(self.start, "switch", f"the switch does not save {what}"))
            for way in self.ways:
                if way.get(what) != self.saved.get(what):
                    found.append(Finding(self.start, "switch", f"the switch saves {what} at "
                                         f"{self.saved.get(what)}, but restores it from "
                                         f"{way.get(what)}"))
        for frame in self.frames:
            for register in (*lift.CALLEE_SAVED, *lift.CALLER_SAVED):
                if register not in frame:
                    found.append(Finding(self.start, "switch", "the way back to an interrupted "
                                         f"thread does not restore {register}"))
        return found

