"""What single-stepping measured of each site, against what is proved.

A run with adversary=shadow ends with a line for each site that it hit (docs/adversaries.md). A byte
that a section has touched deeper than the proof says would mean that the proof is wrong.
"""

import dataclasses
import re

from .rules import SiteResult

LINE = re.compile(r"# adversary-site: pc=0x([0-9a-f]+) rule=(\d) window=(\d+) deepest=(\d+) "
                  r"hits=(\d+)")


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """One site's line."""
    pc: int
    rule: int
    deepest: int  # below the stack pointer at the site
    hits: int


def read(path: str) -> list[Measured]:
    """The sites of a run's log."""
    with open(path, encoding="utf-8", errors="replace") as file:
        found = [[int(text, 16 if i == 0 else 10) for i, text in enumerate(m.groups())]
                 for m in map(LINE.search, file) if m]
    if not found:
        raise ValueError(f"{path}: no line of a site; was it a run with adversary=shadow?")
    return [Measured(pc, rule, deepest, hits) for pc, rule, _, deepest, hits in found]


def complaints(measured: list[Measured], sites: dict[int, SiteResult], place) -> list[str]:
    """Where the run was deeper than the proof, or where the proof knows nothing of the site. A
    nested site has no depth of its own: it counts for the section around it."""
    found = []
    for line in measured:
        result = sites.get(line.pc)
        if result is None or not result.contexts or result.site.rule != line.rule:
            found.append(f"{place(line.pc)}: a run hit a site by rule {line.rule} that the proof "
                         "does not reach; is the log of this image?")
        elif result.depth is not None and line.deepest > result.depth:
            found.append(f"{place(line.pc)}: a run went {line.deepest} bytes deep; proved are "
                         f"{result.depth}")
    return found
