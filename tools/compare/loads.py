"""What `rules` adds to rows in which no stack grows: its loads ahead, and nothing else.

A load ahead is one instruction on x86_64 and two on aarch64. `exception_stack` has the same lazily
populated stacks and makes no load, so what `rules` adds to it is its loads alone; `eager` also
creates threads at another price, and so lets its threads run at other times.
"""

from typing import NamedTuple

from bench.rows import ARCHITECTURES

from . import table

LOAD = {"x86_64": 1, "aarch64": 2}
MOST_LOADS = 8  # of one operation: what differs by more differs in something else
ROWS = ("preempt_pair", "irqs_pair", "nested_pair", "rcu_read", "malloc_free_64",
        "malloc_free_1000", "malloc_free_3000", "malloc_free_40000", "mutex_pair", "yield_alone",
        "yield_switch", "semaphore_round_trip", "wake_to_run", "timer_set_cancel", "trace_off",
        "trace_on", "syscall", "timer_interrupt")


class Addition(NamedTuple):
    """One row of one architecture: the three values; `loads` is None where none explain it."""

    arch: str
    name: str
    eager: int
    lazy: int
    rules: int

    @property
    def loads(self) -> int | None:
        """How many loads make the difference, to `eager` or else to the lazy stacks without."""
        for base in (self.eager, self.lazy):
            count, rest = divmod(self.rules - base, LOAD[self.arch])
            if rest == 0 and 0 <= count <= MOST_LOADS:
                return count
        return None


def additions(rows: list[dict]) -> list[Addition]:
    """All of ROWS that all three policies have measured."""
    values = table.values_of(rows)
    found = []
    for name in ROWS:
        for arch in ARCHITECTURES:
            three = [values.get((arch, policy, name))
                     for policy in ("eager", "exception_stack", "rules")]
            if None not in three:
                found.append(Addition(arch, name, *three))
    return found


def section(rows: list[dict]) -> str:
    """The table, and what to make of rows that no number of loads explains."""
    lines = []
    for one in additions(rows):
        said = "other ways" if one.loads is None else f"{one.loads}"
        lines.append(f"<tr><td>{one.name}</td><td>{one.arch}</td><td>{one.eager:,}</td>"
                     f"<td>{one.lazy:,}</td><td>{one.rules:,}</td><td>{said}</td></tr>")
    return ("<h2>What rules adds where nothing grows</h2><p>A load ahead is one instruction on "
            "x86_64 and two on aarch64. exception_stack has the same stacks and makes no load. "
            "Loads are counted against eager, or else against exception_stack, for rows that "
            "switch threads differ in more: which way a switch takes through the run queue (the "
            "next thread in the calendar's front, or not) hangs on how long each has run, and so "
            "on what creating one cost. Rows that loads alone do not explain against either say "
            "<i>other ways</i>. A site of rule 5 (unknown_pair) adds its test and branch, too."
            "</p><table><tr><th>row</th><th></th><th>eager</th>"
            "<th>exception_stack</th><th>rules</th><th>loads</th></tr>"
            + "".join(lines) + "</table>")
