"""What `rules` adds to rows in which no stack grows: its loads ahead, and nothing else.

A load ahead is one instruction on x86_64 and two on aarch64.
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
    """One row of one architecture; `loads` is None where no number of loads explains it."""

    arch: str
    name: str
    eager: int
    rules: int

    @property
    def loads(self) -> int | None:
        """How many loads make the difference."""
        count, rest = divmod(self.rules - self.eager, LOAD[self.arch])
        return count if rest == 0 and 0 <= count <= MOST_LOADS else None


def additions(rows: list[dict]) -> list[Addition]:
    """All of ROWS that both policies have measured."""
    values = table.values_of(rows)
    found = []
    for name in ROWS:
        for arch in ARCHITECTURES:
            both = [values.get((arch, policy, name)) for policy in ("eager", "rules")]
            if None not in both:
                found.append(Addition(arch, name, *both))
    return found


def section(rows: list[dict]) -> str:
    """The table, and what it counts."""
    lines = []
    for one in additions(rows):
        said = "not loads alone" if one.loads is None else f"{one.loads}"
        lines.append(f"<tr><td>{one.name}</td><td>{one.arch}</td>"
                     f'<td class="number">{one.eager:,}</td><td class="number">{one.rules:,}</td>'
                     f"<td>{said}</td></tr>")
    return ("<h2>What rules adds where nothing grows</h2><p>A load ahead is one instruction on "
            "x86_64 and two on aarch64. Threads that switch are measured once neither is ahead "
            "of the other, so that all policies switch in the same way. A site of rule 5 "
            "(unknown_pair) adds its test and branch, too, and is not counted here."
            "</p><table><tr><th>row</th><th></th>"
            '<th class="number">eager</th><th class="number">rules</th>'
            "<th>loads</th></tr>"
            + "".join(lines) + "</table>")
