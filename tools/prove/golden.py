"""The committed table of sites: a change to any rule, context, depth or window shows in review.

Places are named by file and function, not by line, so that only what matters makes a difference.
The table is exact for the compiler that it names; what another one builds must have the same rules
and contexts, and no depth over its window.
"""

from .report import Report, short

COMPILER = "# compiler: "


def lines_of(report: Report, compiler: str) -> list[str]:
    """The table of a proof."""
    lines = ["# The sites of the kernel, as proved with all tests linked in; `make sites-golden`",
             "# writes this. file, function: rule, turn, window, depth (-: no section",
             "# on a lazy stack), untouched gap above sp, contexts.",
             COMPILER + compiler]
    rows = []
    for row in report.rows():
        if not row["source"].startswith("kernel/"):
            continue
        depth, gap = ("-" if row[k] is None else row[k] for k in ("depth", "gap"))
        contexts = " ".join(short(c) for c in row["contexts"]) or "never-reached"
        rows.append(f"{row['source'].rpartition(':')[0]}, {row['function']}: rule {row['rule']}, "
                    f"{row['turn']}, window {row['window']}, depth {depth}, gap {gap}, {contexts}")
    return lines + sorted(rows)


def compare(report: Report, compiler: str, path: str) -> list[str]:
    """How the proof differs from the committed table; empty: not at all."""
    with open(path, encoding="utf-8") as file:
        old = file.read().splitlines()
    new = lines_of(report, compiler)
    written_by = next((line for line in old if line.startswith(COMPILER)), "")
    if written_by == COMPILER + compiler:
        return _difference(old, new)
    return _difference(_kinds(old), _kinds(new))


def _kinds(lines: list[str]) -> list[str]:
    """What every compiler must agree on: in each file, each rule's contexts. In how many places a
    site is inlined is its own affair, so is whether what nothing reaches is there at all; and that
    no depth is over its window is proved already."""
    contexts: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("#"):
            continue
        place, _, rest = line.rpartition(": rule ")
        rule, turn, _, _, _, reached = rest.split(", ")
        kind = f"{place.split(', ')[0]}: rule {rule}, {turn}"
        contexts.setdefault(kind, set()).update(set(reached.split()) - {"never-reached"})
    return sorted(f"{kind}, {' '.join(sorted(names))}" for kind, names in contexts.items() if names)


def _difference(old: list[str], new: list[str]) -> list[str]:
    missing, added = list(old), []
    for line in new:
        if line in missing:
            missing.remove(line)
        else:
            added.append(line)
    return [f"- {line}" for line in missing] + [f"+ {line}" for line in added]
