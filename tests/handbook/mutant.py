#!/usr/bin/python3
"""The mutant that docs/proof.md follows fares there as it does here: each row of the table is a
detector, each column an architecture and a window; x86_64 has the prover's words as well.

What would break without it: a page that says of a detector what it did once.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import book

sys.path.insert(0, str(book.ROOT / "tools"))
# pylint: disable=wrong-import-position
from mutate import detectors, mutants
from mutate.subject import Subject

SITE = ("kernel/mm/kernel_space.cpp", "mm::map_page", "off 1")
PAGE = book.ROOT / "docs" / "proof.md"
SHOWN_OF = ("x86_64", "window 256")
COLUMN = re.compile(r"(\w+), (window \d+)")
DEPTH = re.compile(r"(\d+) bytes below sp")
PROVER = "the prover"


def cells():
    """{(detector, architecture, window): what the page says}."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## One mutant")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines() if line.startswith("|")]
    return {(row[0].strip("`"), *COLUMN.match(head).groups()): cell
            for row in rows[2:] for head, cell in zip(rows[0][1:], row[1:])}


def prover_says(folder):
    """Its status and its words."""
    done = subprocess.run([sys.executable, str(book.ROOT / "tools" / "prove"), "--elf",
                           str(folder / "fathom.elf")], stdout=subprocess.PIPE, text=True,
                          check=False)
    return done.returncode == 1 and "too-deep" in done.stdout, done.stdout


def wrong_words(text):
    """What is wrong with the finding that the page shows."""
    shown = [block for _, block in book.blocks(PAGE, "prove")]
    if len(shown) == 1 and book.matches(f"...\n{shown[0]}...\n", text):
        return []
    return [f"docs/proof.md shows\n{''.join(shown)}the prover says\n{text}"]


def check(arch, build, folder):
    """What is wrong with the page, of one architecture."""
    wrong, subject = [], Subject(build)
    said = {place: cell for place, cell in cells().items() if place[1] == arch}
    if len(said) != 2 * (len(detectors.DETECTORS) + 1):
        return [f"docs/proof.md has not one row for each detector: {sorted(said)}"]
    for kind in sorted({window for _, _, window in said}):
        subject.write(mutants.make(subject, subject.named[SITE], kind), folder)
        for (detector, _, window), cell in said.items():
            if window != kind:
                continue
            if detector == PROVER:
                killed, text = prover_says(folder)
                wrong += wrong_words(text) if (arch, kind) == SHOWN_OF else []
            else:
                verdict = detectors.boot(arch, folder, detector)
                killed, text = verdict.killed, verdict.text
            depth = DEPTH.match(cell)
            if killed != (cell != "passes") or depth and f"{int(depth[1]):#x} bytes" not in text:
                wrong.append(f"{detector}, {arch}, {kind}: docs/proof.md says {cell}; now: {text}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True, choices=("x86_64", "aarch64"))
    parser.add_argument("--build", required=True, type=pathlib.Path, help="build/<arch>-release")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fathom-mutant-") as name:
        wrong = check(options.arch, options.build, pathlib.Path(name))
    print("\n".join(wrong) or "every detector answers as docs/proof.md says")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
