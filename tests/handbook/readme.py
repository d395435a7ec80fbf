#!/usr/bin/python3
"""The README's "What you see" is what `make run-x86` shows: the same lines, and numbers that are
within a tenth of those of the built kernel.

What would break without it: a first page that shows a kernel of long ago.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import book

README = book.ROOT / "README.md"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
TOLERANCE = 0.10


def sample():
    """The lines of the block."""
    section = README.read_text(encoding="utf-8").partition("\n## What you see\n")[2]
    block = re.search(r"((?:^    .*\n|^\n)+)", section, re.MULTILINE).group(1)
    return [line[4:].rstrip() for line in block.strip("\n").splitlines()]


def default(variable):
    """What the Makefile sets where nobody says otherwise."""
    text = (book.ROOT / "Makefile").read_text(encoding="utf-8")
    return re.search(rf"^{variable} \?= (\S+)$", text, re.MULTILINE).group(1)


def is_near(shown, seen):
    """Whether two lines agree but for blanks, bars of a chart, and a tenth of each number."""
    words = [re.sub(r"[\s#]+", " ", NUMBER.sub("0", line)).strip() for line in (shown, seen)]
    numbers = [[float(word.replace(",", "")) for word in NUMBER.findall(line)]
               for line in (shown, seen)]
    return words[0] == words[1] and all(abs(a - b) <= TOLERANCE * max(a, b)
                                        for a, b in zip(*numbers, strict=True))


def first_difference(shown, seen):
    """The first line of the sample that the log does not have in its place, or None; "..." alone
    stands for any lines."""
    at, skip = 0, False
    for line in shown:
        if line == "...":
            skip = True
            continue
        while skip and at < len(seen) and not is_near(line, seen[at]):
            at += 1
        if at == len(seen) or not is_near(line, seen[at]):
            return line
        at, skip = at + 1, False
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path, help="build/x86_64-release")
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory(prefix="fathom-readme-") as name:
        log = pathlib.Path(name) / "serial.log"
        done = subprocess.run([sys.executable, str(book.ROOT / "tools" / "run"), "--arch", "x86_64",
                               "--build", str(build), "--boot", "iso", "--smp", default("SMP"),
                               "--mem", default("MEM"), "--log", str(log), "--quiet"], check=False)
        seen = log.read_text(encoding="utf-8", errors="replace").splitlines()
    shown = sample()
    wrong = first_difference(shown, [line.rstrip("\r ") for line in seen])
    if wrong is not None or len(shown) < 30:
        print("\n".join(seen[:60]))
        print(f"README.md shows this, and the run does not:\n{wrong}")
    return 1 if done.returncode or wrong is not None or len(shown) < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
