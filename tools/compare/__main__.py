#!/usr/bin/python3
"""Boots every policy on both architectures and writes one table and one page.

    /usr/bin/python3 tools/compare --out build/report/compare

Writes OUT.txt, OUT.json (one row a line) and OUT.html. The images must be there: make compare.
"""

import argparse
import json
import pathlib
import sys

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "compare"

# pylint: disable=wrong-import-position
from bench.rows import ARCHITECTURES, ROOT, Image, measure_all
from compare import html_page, table
from compare.policies import POLICIES


def main() -> int:
    """Measures and writes; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "report" / "compare")
    parser.add_argument("--images", type=pathlib.Path, default=ROOT / "build",
                        help="the folder of the build folders")
    parser.add_argument("--rows", type=pathlib.Path, help="rows measured before, in place of boots")
    options = parser.parse_args()
    if options.rows:
        rows = [json.loads(line) for line in options.rows.read_text().splitlines()]
    else:
        rows = measure_all([Image(arch, options.images.resolve() / f"{arch}-{policy.preset}")
                            for arch in ARCHITECTURES for policy in POLICIES], [1])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    text = table.text(rows)
    options.out.with_suffix(".txt").write_text(text, encoding="utf-8")
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    options.out.with_suffix(".json").write_text(lines, encoding="utf-8")
    html_page.write(rows, options.out.with_suffix(".html"))
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
