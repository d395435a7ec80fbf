#!/usr/bin/python3
"""Types what the pages show behind `$ make gdb-x86 ARGS="..."` to GDB, on one architecture, and
compares what it answers."""

import pathlib
import re
import shlex
import sys

import book

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "gdb"))
# pylint: disable=wrong-import-position
import session
from run.elf_entry import first_instruction

START = re.compile(r"^make gdb-(?:x86|arm)(?: ARGS=(.*))?$")


def check(options, page, block):
    """The mistakes of one block."""
    start = START.match(book.sessions(block, "$ ")[0][0])
    arguments = shlex.split(start.group(1) or '""')[0]
    shown = [(command, text) for command, text in book.sessions(block, "(gdb) ")]
    first = first_instruction(options.build / "fathom.elf")
    with session.boot(options.arch, options.build, arguments, debug=True) as guest:
        seen = session.gdb(guest, f"thbreak *{first:#x}", "continue ",
                           *(f"{command}{' ' * i}" for i, (command, _) in enumerate(shown)))
    for i, (command, expected) in enumerate(shown):
        answer = seen[f"{command}{' ' * i}"]
        if not book.matches(f"...\n{expected}...\n", answer + "\n"):
            yield f"{book.name(page)}: (gdb) {command}\n--- shows\n{expected}--- gives\n{answer}"


def main():
    options = session.arguments()
    wrong, count = [], 0
    for page in book.pages():
        for _, block in book.blocks(page, "console"):
            if "(gdb) " in block:
                count += 1
                wrong += check(options, page, block)
    print("\n".join(wrong) if wrong else f"{count} sessions as the pages show them")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
