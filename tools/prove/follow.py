"""Every way through a piece of assembly, followed exactly (origins.py), up to where it ends."""

from .operands_x86_64 import operands_of
from .origins import Way

LONGEST_WAY = 2000  # instructions


def follow(program, start: int) -> list[Way]:
    """Every way from `start`, each up to its end; calls that never come back end one without."""
    returning = {address for (address, _), s in program.summaries.items() if s.returns}
    done, waiting = [], [Way(program, start)]
    while waiting:
        way = waiting.pop()
        while way is not None:
            lifted = program.lifted(way.address)
            if lifted is None or way.address in way.seen or len(way.seen) > LONGEST_WAY:
                way.end = ("lost",)  # no code, or a loop, in which anything may happen
                done.append(way)
                break
            way.seen.add(way.address)
            operations, flow, end = lifted
            way.execute(program.code[way.address], operations)
            if flow is None:
                way.address = end
            else:
                way = _turn(way, flow, end, returning, waiting, done)
    return done


def _turn(way: Way, flow: tuple, end: int, returning: set[int], waiting: list[Way],
          done: list[Way]) -> Way | None:
    """Where a way goes on after an instruction that branches; None: it has ended."""
    kind = flow[0]
    if kind == "branch":
        other = way.copy()
        other.address = flow[2]
        waiting.append(other)
    if kind == "branch" or kind == "icall" or kind == "call" and flow[1] in returning:
        if kind != "branch":
            way.called()
        way.address = end
        return way
    if kind == "jump" and flow[1] != way.program.panic_entry:
        way.address = flow[1]
        return way
    if kind in ("ijump", "ret", "trap_return"):
        way.end, way.goal = flow, _goal(way, flow)
        done.append(way)
    return None


def _goal(way: Way, flow: tuple) -> tuple | None:
    """Where a jump or a return leads."""
    if flow[0] == "ijump" and flow[1] is None:
        memory = operands_of(way.program.code[way.address].operands)[0].memory
        return way.load(way.plus(way.value(memory[1]), memory[2]), 8)
    if flow[0] == "ijump":
        return way.value(flow[1])
    if flow[0] == "ret" and not way.lift.RETURN_ADDRESS_BYTES:
        return way.value(flow[1])
    return way.load(way.value(way.sp), 8)
