"""Two sets of rows against each other: which have become worse by more than they may.

Compared are single operations. A worst case depends on which operation the tick falls into, a cold
one on what lies in which page, and a row of several CPUs on who spins while another's turn lasts:
any change of the code moves all three.
"""

from collections.abc import Iterable

TOLERANCE = 0.02
MORE_IS_BETTER = {"threads"}


def by_key(rows: Iterable[dict]) -> dict[tuple[str, str, str], dict]:
    """Rows by architecture, policy and name."""
    return {(row["arch"], row["policy"], row["name"]): row for row in rows}


def is_compared(name: str) -> bool:
    """Whether a row's value is the code's doing alone."""
    last = name.rpartition(".")[2]
    return last not in ("worst", "cold", "interrupt_latency") and not last.isdigit()


def is_worse(row: dict, base: dict, tolerance: float = TOLERANCE) -> bool:
    """Whether `row` has lost more than `tolerance` against `base`."""
    if row["unit"] in MORE_IS_BETTER:
        return row["value"] < base["value"] * (1 - tolerance)
    return row["value"] > base["value"] * (1 + tolerance)


def regressions(rows: Iterable[dict], base: Iterable[dict]) -> list[str]:
    """One line for each row that is worse than the row of the same name in `base`."""
    before = by_key(base)
    lines = []
    for key, row in by_key(rows).items():
        old = before.get(key)
        if old is not None and is_compared(row["name"]) and is_worse(row, old):
            lines.append(f"{row['arch']} {row['name']}: {old['value']} -> {row['value']} "
                         f"{row['unit']}")
    return lines
