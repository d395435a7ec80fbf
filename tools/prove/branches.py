"""Where the direct branches of a kernel lead.

Ways may meet where a branch leads (`leaders`). Inside a function its own bytes tell that. Branches
that leave a function are kept by themselves: of a function that is as it was, they lead where they
led, or where their relocations say now, so that the function need not be listed again (listing.py).
"""

from collections.abc import Iterable
import typing

from .disassembly import Instruction
from .image import DISTANCE_BYTES
from .listing import Code


class Leave(typing.NamedTuple):
    """A branch out of a function, or one whose distance the linker fills in. All are distances
    from the function's start."""
    operand: int         # where the distance is written
    ahead: int | None    # where it leads; None: where the relocation of `operand` says
    calls: bool          # and comes back behind it, so that no ways meet


class Branches:
    """The branches of an image. Of functions in `remembered` those that leave are known."""

    def __init__(self, program, remembered: dict[int, list[Leave]]):
        self._lifted, self._image = program.lifted, program.image
        self.leaders = set(self._image.starts)  # a function may be gone into without a branch
        self.operands: set[int] = set()  # where x86_64 keeps the distances that branches go
        self.leaving: dict[int, list[Leave]] = dict(remembered)
        self.strange: set[int] = set()   # functions with branches that are not to be remembered
        for start, leaves in remembered.items():
            for leave in leaves:
                self._take(start + leave.operand, self.target(start, leave), leave.calls)
        self.scan(program.code.values())
        if isinstance(program.code, Code):
            program.code.told = self.scan
            program.code.want(f for f in self._image.functions if f.start not in remembered)
            if self.strange:
                program.code.list_all()

    def target(self, start: int, leave: Leave) -> int:
        """Where a branch of the function at `start` leads."""
        if leave.ahead is None:
            return self._image.branch_targets[start + leave.operand]
        return start + leave.ahead

    def scan(self, instructions: Iterable[Instruction]) -> None:
        """Finds the branches of instructions that have just been listed."""
        function = None
        for instruction in instructions:
            address, mnemonic = instruction.address, instruction.mnemonic
            if function is None or not function.start <= address < function.end:
                function = self._image.function_at(address)
                if function is not None and address == function.start:
                    self.leaving[address] = []
            if mnemonic[0] in "jbct" and mnemonic not in ("cmp", "test") or mnemonic == "addr32":
                _, flow, end = self._lifted(address)
                if flow is not None and flow[0] in ("jump", "branch", "call"):
                    operand = end - DISTANCE_BYTES
                    self._take(operand, flow[-1], flow[0] == "call")
                    if function is not None:
                        self._leave(function, operand, flow[-1], flow[0] == "call")

    def _take(self, operand: int, target: int, calls: bool) -> None:
        self.operands.add(operand)
        if not calls:
            self.leaders.add(target)

    def _leave(self, function, operand: int, target: int, calls: bool) -> None:
        filled = self._image.branch_targets.get(operand)
        if filled is None and function.start <= target < function.end:
            return
        if filled not in (None, target) or self._image.function_at(target) is None:
            self.strange.add(function.start)
        self.leaving.setdefault(function.start, []).append(
            Leave(operand - function.start, None if filled is not None else
                  target - function.start, calls))
