"""Analyses that need not be made again.

What an analysis finds depends on the code of the functions that it walked through, with their
records, and on what it asked the program: the summaries of callees, the targets of a class of
calls. So an analysis is remembered with its questions and answers. While the code is the same, the
questions are asked again, in the same order; if every answer is the same, so is the summary. If
not, the function is analysed. Questions have the effects that they had (callees are summarised,
targets registered), so a proof from memory goes the same way as one from nothing, step by step.
"""

import dataclasses

from .summary import Context, Summary


@dataclasses.dataclass(slots=True)
class Trace:
    """One analysis of a function in a context."""
    asks: list[tuple]    # (question, answer)
    summary: Summary
    stored: tuple | None = None  # as it was read from the cache (cache.py)


class Memo:
    """What is remembered: for each function in context the analyses that were made of it."""

    def __init__(self):
        self.traces: dict[tuple, list[Trace]] = {}
        self.lifted: dict[int, tuple] = {}  # what each instruction does (Program.lifted)
        self.used: dict[tuple, list[Trace]] = {}  # those of this proof
        self.hits = 0
        self.misses = 0

    def keep(self, start: int, context: Context, asks: list[tuple], summary: Summary) -> None:
        self.misses += 1
        trace = Trace(asks, summary)
        self.traces.setdefault((start, context), []).append(trace)
        self.used.setdefault((start, context), []).append(trace)

    def hit(self, key: tuple, trace: Trace) -> None:
        self.hits += 1
        used = self.used.setdefault(key, [])
        if not any(known is trace for known in used):
            used.append(trace)

    def without(self, changed: set[int], places: set[int]) -> "Memo":
        """What still holds if the functions that start at `changed` are others, and of them the
        instructions at `places`."""
        new = Memo()
        new.lifted = {at: known for at, known in self.lifted.items() if at not in places}
        new.traces = {key: kept for key, traces in self.traces.items()
                      if (kept := [t for t in traces if not t.summary.functions & changed])}
        return new


class Replay:
    """One function in one context, from memory."""

    def __init__(self, program, start: int, context: Context):
        self.program = program
        self.start = start
        self.context = context
        self.asks: list[tuple] = []

    def run(self) -> Summary | None:
        """The summary, or None if what is remembered does not fit."""
        fitting = self.program.memo.traces.get((self.start, self.context), ())
        step = 0
        while fitting:
            trace = fitting[0]
            if step == len(trace.asks):
                self.program.memo.hit((self.start, self.context), trace)
                return trace.summary
            self.program.ask(trace.asks[step][0], self)
            fitting = [t for t in fitting if len(t.asks) > step and t.asks[step] == self.asks[step]]
            step += 1
        return None
