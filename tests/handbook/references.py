#!/usr/bin/python3
"""Every file, heading, target, symbol and quotation that the documentation names is there."""

import ast
import os
import re
import sys

import book

ROOT = book.ROOT
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]*)(?:#([^)]*))?\)")
PATH = re.compile(r"`((?:kernel|boot|tests|tools|docs|labs)/[\w./<>*-]+)`"
                  r"(?: \(`([\w:~]+)(?:\(\))?`)?")
TARGET = re.compile(r"\bmake ([a-z][\w-]*)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
# What the kernel tells a student to read (panic/verdict.cpp, the monitor's help).
READ = re.compile(r'docs/([\w/-]+\.md)(?:, \\"([^"\\]+)\\")?')
# A command at the start of an indented line or of a word in code, with arguments.
TYPED = re.compile(r"(?:^ {4}|`|\$ )(tools/[\w./]+)(?= )", re.MULTILINE)
BARE_CTEST = re.compile(r"(?:^ {4}|`|\$ )(ctest (?!--preset)[^`\n]*)", re.MULTILINE)
QUOTED = re.compile(r"`(kernel/[\w./-]+)`:$")
# English after "make", not a target.
WORDS = {"it", "sure", "room", "the", "a", "you", "its", "and", "no", "that", "one", "what", "an",
         "to", "is", "every", "them", "without", "this"}
MADE_LATER = {"labs/.mine"}  # by whoever leaves a lab
DRAWN = {"layers.svg", "stack.svg", "trap_x86_64.svg", "trap_aarch64.svg"}


def anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def spelled_out(path):
    """`<arch>` stands for both."""
    if "<arch>" in path:
        return [path.replace("<arch>", arch) for arch in ("x86_64", "aarch64")]
    return [path]


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
    for name, symbol in PATH.findall(text):
        for path in spelled_out(name):
            found = list(ROOT.glob(path.rstrip("/"))) if "<" not in path else [ROOT]
            if not found and path not in MADE_LATER:
                yield f"`{path}` is not there"
            elif found and symbol and found[0].is_file():
                if symbol.split("::")[-1] not in found[0].read_text(encoding="utf-8"):
                    yield f"`{path}` has no `{symbol}`"


def targets(_page, text):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in set(TARGET.findall(text)) - WORDS:
        if not re.search(rf"\b{re.escape(name)}\b", makefile) and not name.startswith("build-"):
            yield f"make {name}: no such target"


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
        for check in (links, paths, targets, quotations, commands):
            wrong += [f"{book.name(page)}: {message}" for message in check(page, text)]
    print("\n".join(wrong) if wrong else f"{len(book.pages())} pages name only what is there")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
