#!/usr/bin/python3
"""Checks what of the house style a program can check; CONTRIBUTING.md has the reasons.

Each rule is a function that takes a File and yields (line number, message). What a rule excuses
stands in the tables below, each entry with its reason.
"""

import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from style import declarations, named_files, text_rules
from style.source import read_file

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = ("kernel", "boot", "tests", "tools")
SUFFIXES = {".hpp", ".cpp", ".h", ".S", ".py", ".cmake", ".sh", ".ld", ".txt", ".inc"}

RULES = (
    text_rules.line_length,
    text_rules.file_length,
    text_rules.header_comment,
    text_rules.unfinished,
    text_rules.interrupt_mask,
    text_rules.witness_mint,
    text_rules.architecture_condition,
    text_rules.probe_callers,
    declarations.function_length,
    declarations.context_lines,
    named_files.named_files,
)


def check(root, rules=RULES):
    """The violations under `root` as printable lines."""
    lines = []
    paths = {folder: sorted((root / folder).rglob("*")) for folder in FOLDERS}
    tree = frozenset(path.relative_to(root).as_posix() for folder in FOLDERS
                     for path in paths[folder])
    for folder in FOLDERS:
        for path in paths[folder]:
            if path.suffix not in SUFFIXES or "__pycache__" in path.parts or "data" in path.parts:
                continue
            file = read_file(root, path, tree)
            for rule in rules:
                lines += [f"{file.name}:{number}: {message}" for number, message in rule(file)]
    return lines


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    lines = check(parser.parse_args(arguments).root)
    print("\n".join(lines) if lines else "style: nothing to complain about")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
