"""What the rows of `rules` are held against: the bars, and the best of the other kernels."""

from collections.abc import Iterator
from typing import NamedTuple

from bench.bars import AT_LEAST, AT_MOST
from bench.rows import ARCHITECTURES

from .peers import PEERS

BARS = AT_MOST | AT_LEAST


class Judgement(NamedTuple):
    """One row of one architecture; `bar` and `best` are None where there is none."""

    arch: str
    name: str
    ours: int
    bar: int | None
    peer: str
    best: int | None
    holds: bool

    @property
    def missing(self) -> int:
        """What stands between the row and the harder of its two limits."""
        return max(abs(self.ours - limit) for limit in (self.bar, self.best)
                   if not is_met(self.name, self.ours, limit))


def best_peer(name: str, arch: str) -> tuple[str, int | None]:
    """Who of the other kernels has the best figure of a row."""
    index = ARCHITECTURES.index(arch)
    known = [(values[index], who) for who, values in PEERS.get(name, {}).items()
             if who != "floor" and values[index] is not None]
    if not known:
        return "", None
    value, who = max(known) if name in AT_LEAST else min(known)
    return who, value


def is_met(name: str, ours: int, limit: int | None) -> bool:
    if limit is None:
        return True
    return ours >= limit if name in AT_LEAST else ours <= limit


def judge(rows: list[dict]) -> Iterator[Judgement]:
    """Every row of `rules` that has a bar or a peer."""
    for row in rows:
        name, arch, ours = row["name"], row["arch"], row["value"]
        if row["policy"] != "rules" or name not in {**PEERS, **BARS}:
            continue
        bar = BARS.get(name, (None, None))[ARCHITECTURES.index(arch)]
        who, best = best_peer(name, arch)
        holds = is_met(name, ours, bar) and is_met(name, ours, best)
        yield Judgement(arch, name, ours, bar, who, best, holds)
