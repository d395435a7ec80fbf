#!/usr/bin/python3
"""Every file, heading, target, symbol and quotation that the documentation names is there."""

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
QUOTED = re.compile(r"`(kernel/[\w./-]+)`:$")
# English after "make", not a target.
WORDS = {"it", "sure", "room", "the", "a", "you", "its", "and", "no", "that", "one", "what", "an",
         "to", "is", "every", "them", "without", "this"}
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
            if not found:
                yield f"`{path}` is not there"
            elif symbol and found[0].is_file():
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
    wrong = list(told_by_the_kernel())
    for page in book.pages():
        text = page.read_text(encoding="utf-8")
        for check in (links, paths, targets, quotations):
            wrong += [f"{book.name(page)}: {message}" for message in check(page, text)]
    print("\n".join(wrong) if wrong else f"{len(book.pages())} pages name only what is there")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
