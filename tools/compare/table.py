"""The comparison as text: rows down, policies across, one table for each architecture."""

from bench.rows import ARCHITECTURES

from .policies import POLICIES

Values = dict[tuple[str, str, str], int]


def values_of(rows: list[dict]) -> Values:
    """By architecture, policy and row."""
    return {(row["arch"], row["policy"], row["name"]): row["value"] for row in rows}


def policies_in(rows: list[dict]) -> list[str]:
    """The measured ones, in the order of the page."""
    measured = {row["policy"] for row in rows}
    return [policy.name for policy in POLICIES if policy.name in measured]


def names_in(rows: list[dict]) -> dict[str, str]:
    """Row names, in the order in which they were measured, with their units."""
    return {row["name"]: row["unit"] for row in rows}


def text(rows: list[dict]) -> str:
    """All tables."""
    values, policies, parts = values_of(rows), policies_in(rows), []
    for arch in ARCHITECTURES:
        if not any(row["arch"] == arch for row in rows):
            continue
        lines = [f"{arch:<26}" + "".join(f"{policy:>16}" for policy in policies)]
        for name, unit in names_in(rows).items():
            found = [values.get((arch, policy, name)) for policy in policies]
            cells = "".join(f"{'-' if value is None else format(value, ','):>16}"
                            for value in found)
            if any(value is not None for value in found):
                lines.append(f"{name:<26}{cells}  {unit}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
