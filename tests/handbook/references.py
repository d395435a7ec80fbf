#!/usr/bin/python3
"""Every file, heading, target, symbol and quotation that the documentation names is there."""

import ast
import fnmatch
import json
import os
import pathlib
import re
import sys

import book
import files

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
# pylint: disable=wrong-import-position
import make_targets

ROOT = book.ROOT
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]*)(?:#([^)]*))?\)")
TARGET = re.compile(r"\bmake ([a-z][\w-]*\*?)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
# What the kernel tells a student to read (panic/verdict.cpp, the monitor's help).
READ = re.compile(r'docs/([\w/-]+\.md)(?:, \\"([^"\\]+)\\")?')
# A command at the start of an indented line or of a word in code, with arguments.
TYPED = re.compile(r"(?:^ {4}|`|\$ )(tools/[\w./]+)(?= )", re.MULTILINE)
BARE_CTEST = re.compile(r"(?:^ {4}|`|\$ )(ctest (?!--preset)[^`\n]*)", re.MULTILINE)
QUOTED = re.compile(r"`(kernel/[\w./-]+)`:$")
# English after "make", not a target.
WORDS = {"it", "sure", "room", "the", "a", "you", "its", "and", "no", "that", "one", "what", "an",
         "to", "is", "every", "them", "without", "this", "of", "fail"}
DRAWN = {"layers.svg", "stack.svg", "trap_x86_64.svg", "trap_aarch64.svg"}


def anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def links(page, text):
    for target, fragment in LINK.findall(text):
        if target.startswith("http") or target in DRAWN:
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists():
            yield f"link to {target}, which is not there"
        elif fragment and path.suffix == ".md":
            headings = HEADING.findall(path.read_text(encoding="utf-8"))
            if fragment not in map(anchor, headings):
                yield f"link to {target}#{fragment}: no such heading"


def paths(_page, text):
    for name, symbol in files.NAMED.findall(text):
        found, wrong = files.named_by(name)
        if wrong:
            yield f"`{name}`: {wrong}"
        elif symbol and not any(files.has_symbol(path, symbol) for path in found):
            yield f"`{name}` has no `{symbol}`"


def lines(_page, text):
    """A line that a page names holds what the page says of it."""
    for name, line, word in files.LINE.findall(text):
        if wrong := files.wrong_line(name, line, word):
            yield f"{name}:{line}: {wrong}"


def targets(page, text):
    known = make_targets.targets() | own_presets(page)
    for name in set(TARGET.findall(text)) - WORDS:
        if not any(fnmatch.fnmatchcase(target, name) for target in known):
            yield f"make {name}: no such target"


def own_presets(page):
    """The builds that a page has its reader write down."""
    return {f"build-{preset['name']}" for _, block in book.blocks(page, "json")
            for preset in json.loads(block).get("configurePresets", [])}


def quotations(page, _text):
    """A C++ block below a line that ends in a path and a colon is from that file."""
    for before, block in book.blocks(page, "cpp"):
        quoted = QUOTED.search(before)
        if not quoted:
            continue
        source = re.sub(r"[ \t]+", " ", (ROOT / quoted.group(1)).read_text(encoding="utf-8"))
        for part in re.split(r"^\s*\.\.\.\n", block, flags=re.MULTILINE):
            if re.sub(r"[ \t]+", " ", part).strip() not in source:
                yield f"{quoted.group(1)} does not hold:\n{part}"


def commands(_page, text):
    """What can be typed as it stands: a folder of Python is no program, and the root has no list of
    tests."""
    for name in TYPED.findall(text):
        if not (ROOT / name).is_file() or not os.access(ROOT / name, os.X_OK):
            yield f"{name}: no program; /usr/bin/python3 {name}"
    for command in BARE_CTEST.findall(text):
        yield f"{command.strip()}: no tests are listed there; ctest --preset host"


def told_by_the_tools():
    """The commands that stand at the head of a tool."""
    for path in sorted((ROOT / "tools").rglob("*.py")):
        told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        yield from (f"{book.name(path)}: {message}" for message in commands(path, told))


def told_by_the_kernel():
    """The pages and headings that panics and help name."""
    for path in sorted((ROOT / "kernel").rglob("*.cpp")):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
        for name, heading in READ.findall(text):
            page = ROOT / "docs" / name
            if not page.exists():
                yield f"{book.name(path)}: docs/{name} is not there"
            elif heading and heading not in HEADING.findall(page.read_text(encoding="utf-8")):
                yield f"{book.name(path)}: docs/{name} has no heading \"{heading}\""


def main():
    wrong = [*told_by_the_kernel(), *told_by_the_tools()]
    for page in book.pages():
        text = page.read_text(encoding="utf-8")
        for check in (links, paths, lines, targets, quotations, commands):
            wrong += [f"{book.name(page)}: {message}" for message in check(page, text)]
    print("\n".join(wrong) if wrong else f"{len(book.pages())} pages name only what is there")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
