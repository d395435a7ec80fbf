#!/usr/bin/python3
"""Every command that a page shows without its output has a test that does the same: the table of
docs/book/commands.md is complete, and its tests are there.

What would break without it: a command in the book that nobody has typed since it was written.
"""

import argparse
import re
import subprocess
import sys

import book

TABLE = book.ROOT / "docs" / "book" / "commands.md"
COMMAND = re.compile(r"^ {4,}(?:\$ )?(?:printf .*\| )?(?:\S*python3 )?"
                     r"((?:make|ctest|(?:tools|tests)/[\w./]+) \S.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
TEST = re.compile(r"^[a-z]+\.[\w.<>]+$")


def outside_of_fences(page):
    return book.FENCE.sub("", page.read_text(encoding="utf-8"))


def shown():
    """{page: commands in its indented blocks}; what stands behind two blanks or # explains."""
    return {page: [re.split(r"\s{2,}|\s#", command)[0]
                   for command in COMMAND.findall(outside_of_fences(page))]
            for page in book.pages()}


def rows():
    """[(commands, tests)] of the table."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = line.strip("|").split("|")
        if line.startswith("| `"):
            found.append((CODE.findall(cells[0]),
                          [word for word in CODE.findall(cells[1]) if TEST.match(word)]))
    return found


def words(command):
    return set(re.split(r"[\s\"']+", command.strip()))


def is_covered(command, known):
    """Whether a row has the command; one whose options some row is about, that row."""
    special = {word for row in known for word in words(row) if "=" in word}
    return any(words(command) & special <= words(row) <= words(command) for row in known)


def complaints(tests):
    """What is missing. `tests` are the names of all tests."""
    table = rows()
    known = [command for commands, _ in table for command in commands]
    for page, commands in shown().items():
        for command in commands:
            if not is_covered(command, known):
                yield f"{book.name(page)}: docs/book/commands.md says of no test for: {command}"
        if re.search(r"^ {4,}\$ ", outside_of_fences(page), re.MULTILINE):
            yield f"{book.name(page)}: what stands behind $ is typed in ```console blocks only"
    for _, names in table:
        for name in names:
            for arch in ("x86_64", "aarch64") if "<arch>" in name else ("",):
                if name.replace("<arch>", arch) not in tests:
                    yield f"docs/book/commands.md: there is no test {name} {arch}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tests", required=True, help="the build folder of the test suite")
    listed = subprocess.run(["ctest", "--test-dir", parser.parse_args().tests, "-N"], text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    tests = set(re.findall(r"Test +#\d+: (\S+)", listed))
    wrong = list(complaints(tests))
    count = sum(map(len, shown().values()))
    print("\n".join(wrong) if wrong else f"{count} commands, each with a test")
    return 1 if wrong or count < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
