#!/usr/bin/python3
"""Measures the benchmarks and prints them, as a table or as JSON.

    /usr/bin/python3 tools/bench [--arch ARCH] [--cpus 1,2,4] [--json FILE]
    /usr/bin/python3 tools/bench --base main~5     fails if a row is over 2 % worse than there
    /usr/bin/python3 tools/bench --twice           fails if a second run gives other values

Values are guest instructions under -icount, and repeat exactly (docs/measuring.md).
"""

import argparse
import json
import os
import pathlib
import sys

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "bench"

# pylint: disable=wrong-import-position
from bench import regressions, revision
from bench.rows import ARCHITECTURES, CPU_COUNTS, ROOT, Image, measure_all


def table(rows: list[dict], base: list[dict]) -> str:
    """Rows down, architectures across; beside each value that of the base, where there is one."""
    architectures = [arch for arch in ARCHITECTURES if any(r["arch"] == arch for r in rows)]
    now = {(row["name"], row["arch"]): row for row in rows}
    old = {(row["name"], row["arch"]): row["value"] for row in base}
    lines = [f"{'':<28}" + "".join(f"{arch:>22}" for arch in architectures)]
    for name in dict.fromkeys(row["name"] for row in rows):
        cells = ""
        for arch in architectures:
            row = now.get((name, arch))
            before = old.get((name, arch))
            text = f"{row['value']:,}" if row else "-"
            text = f"{before:,} -> {text}" if before is not None else text
            cells += f"{text:>22}"
        unit = next(row["unit"] for row in rows if row["name"] == name)
        lines.append(f"{name:<28}{cells}  {unit}")
    return "\n".join(lines)


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", choices=ARCHITECTURES, help="this one only")
    parser.add_argument("--images", type=pathlib.Path, default=ROOT / "build",
                        help="the folder of the build folders")
    parser.add_argument("--cpus", default=",".join(map(str, CPU_COUNTS)),
                        help="numbers of CPUs; 1: single operations (all of %(default)s)")
    parser.add_argument("--base", help="a git revision to compare with")
    parser.add_argument("--twice", action="store_true", help="measure twice, and compare")
    parser.add_argument("--json", type=pathlib.Path, help="also write the rows to this file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args(arguments)


def main() -> int:
    """Measures, prints, compares; the exit status."""
    options = options_of()
    architectures = [options.arch] if options.arch else list(ARCHITECTURES)
    images = [Image(arch, options.images.resolve() / f"{arch}-release") for arch in architectures]
    counts = [int(count) for count in options.cpus.split(",")]
    rows, base, wrong = measure_all(images, counts), [], []
    if options.base:
        with revision.built(options.base, architectures, options.jobs) as others:
            base = measure_all(others, counts)
        wrong = regressions.regressions(rows, base)
    if options.twice and measure_all(images, counts) != rows:
        wrong.append("a second run gave other values")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    print(table(rows, base))
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
