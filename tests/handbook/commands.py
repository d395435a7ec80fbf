#!/usr/bin/python3
"""Runs what the pages show in ```console blocks, and compares what comes out."""

import subprocess
import sys

import book


def main():
    wrong = count = 0
    for page in book.pages():
        for _, block in book.blocks(page, "console"):
            for command, expected in book.sessions(block, "$ "):
                if command.startswith("make gdb-"):
                    continue  # gdb_sessions.py
                count += 1
                done = subprocess.run(["bash", "-c", command], cwd=book.ROOT, text=True,
                                      timeout=300, stdin=subprocess.DEVNULL, check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                # Around it stand what was built, and make's word that a panic is no success.
                if not book.matches(f"...\n{expected}...\n", done.stdout):
                    wrong += 1
                    print(f"{book.name(page)}: {command}\n--- shows\n{expected}--- gives\n"
                          f"{done.stdout}")
    print(f"{count} commands, {wrong} of them with another output")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
