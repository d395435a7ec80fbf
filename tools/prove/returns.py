"""Returns: what a function must leave as it was, for its caller to go on.

One part of a function's analysis (function.py).
"""

from .records import Fact
from .sections import BEGUN_IN
from .state import ENTRY, State
from .summary import DEPTHS

RETURN_ADDRESS = ("i", "return address")  # what the slot at ENTRY holds (x86_64)


class Returns:
    """The part that looks at the ends of ways."""

    def _return_address(self, state: State, address: int, operand: str | None) -> None:
        """It must be the caller's: in its slot (x86_64), in the register of `ret` (aarch64)."""
        lift = self.program.lift
        if lift.RETURN_ADDRESS_BYTES:
            if operand:
                self.wrong(address, "return-address", f"pops {operand} bytes of its caller's")
            value = state.slots.get((ENTRY, 0))
        elif operand == self.program.links.get(self.start):
            return  # frames.py follows it
        else:
            value = state.registers.get(operand)
        wanted = RETURN_ADDRESS if lift.RETURN_ADDRESS_BYTES else ("i", lift.RETURN_REGISTER)
        if value != wanted:
            self.wrong(address, "return-address", "returns to where it was not called from")

    def _return(self, state: State, address: int) -> None:
        summary = self.summary
        if state.sp != (ENTRY, 0):
            self.wrong(address, "sp", "returns with sp where it was not")
        for register in self.program.lift.CALLEE_SAVED:
            if state.registers.get(register) != ("i", register):
                self.wrong(address, "register", f"returns with {register} not restored")
        preempt, irq = DEPTHS[self.context.level]
        if (state.preempt, state.irq) != (preempt, irq):
            self.wrong(address, "returns-atomic", "returns with a section open: preemption "
                       f"{state.preempt[0] - preempt[0]:+}, interrupts {state.irq[0] - irq[0]:+}")
        elif state.sections and self.context.level not in BEGUN_IN:
            self.wrong(address, "returns-atomic", "ends its caller's section and returns in one of "
                       "its own: the caller's window is below another sp")
        kept = frozenset(r for r in self.program.lift.CALLER_SAVED
                         if state.registers.get(r) == ("i", r))
        summary.returns = True
        summary.locks |= {state.locks}
        summary.kept = kept if summary.kept is None else summary.kept & kept

    def _trap_return(self, address: int, end: int) -> None:
        """It must be the last instruction of such a place: frames.py follows the way there."""
        if not any(kind == Fact.RETURN_FROM_TRAP and limit == end
                   for kind, _, limit in self.program.ranges):
            self.wrong(address, "open-world", "returns from a trap outside of every recorded place")
