"""The files that a page names: `kernel/mm/heap.hpp`, `heap.hpp`, `kernel/arch/<arch>/trap.cpp`,
`readers/{acpi,tar}.hpp`, `kernel/arch/*/vectors.S`; with a line, or with a symbol behind it."""

import fnmatch
import functools
import re

import book

ROOT = book.ROOT
FOLDERS = ("kernel", "boot", "tests", "tools", "docs", "labs")
KINDS = "cpp|hpp|h|S|py|md|inc|cmake|txt|json|sh|pml|css|js|html"
NAMED = re.compile(rf"`((?:(?:{'|'.join(FOLDERS)})/[^`\s]+|[^`\s]+\.(?:{KINDS}))(?::\d+)?)`"
                   r"(?: \(`([\w:~]+)(?:\(\))?`)?")
LINE = re.compile(rf"([\w/.-]+\.(?:{KINDS})):(\d+|\.\.\.)(?:: (?:calls )?([\w:<>.]+)(?=[,\s]))?")
# What stands for something else in a path.
PLACEHOLDERS = {"<arch>": ("x86_64", "aarch64")}
# What is generated, written by the reader, made later, or stands for any name.
ELSEWHERE = {"build_options.hpp", "stack_policy.hpp", "CMakeUserPresets.json", "arch/x.hpp",
             "native/x.hpp", "RUN.txt", "labs/.mine"}


@functools.cache
def tree():
    """Every file and folder of the project, by its path."""
    found = {path.name for path in ROOT.iterdir() if path.is_file()}
    for folder in (*FOLDERS, ".vscode", ".devcontainer"):
        found |= {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*")
                  if "__pycache__" not in path.parts} | {folder}
    return found


def spelled_out(name):
    """A name without placeholders and braces, or more than one."""
    for placeholder, words in PLACEHOLDERS.items():
        if placeholder in name:
            return [one for word in words for one in spelled_out(name.replace(placeholder, word))]
    braces = re.search(r"\{([^{}]+)\}", name)
    if braces:
        return [one for word in braces.group(1).split(",")
                for one in spelled_out(name[:braces.start()] + word + name[braces.end():])]
    return [name]


def named_by(name):
    """(files, what is wrong): a name may leave out the folders in front of it."""
    name, _, line = name.partition(":")
    if name.startswith("build/") or name in ELSEWHERE:
        return [], ""
    found = []
    for one in spelled_out(name.rstrip("/")):
        if "<" in one:
            return [], "nothing is known to stand for <...>"
        there = sorted(path for path in tree()
                       if fnmatch.fnmatchcase(path, one) or fnmatch.fnmatchcase(path, f"*/{one}"))
        if one.split("/")[0] in FOLDERS:
            there = [path for path in there if path.startswith(one.split("*")[0])]
        if not there:
            return [], f"{one} is not there"
        found += there
    return [ROOT / path for path in found], wrong_line(name, line, "") if line else ""


def has_symbol(path, symbol):
    """Whether a file has the symbol, as a whole word."""
    word = re.escape(symbol.split("::")[-1])
    return path.is_dir() or bool(re.search(rf"(?<!\w){word}(?!\w)", path.read_text("utf-8")))


def wrong_line(name, line, word):
    """What is wrong with a line that is named; a word named with it stands in the lines about it.
    Where the number is left out ("..."), anywhere in the file."""
    found, wrong = named_by(name)
    if wrong or not found:
        return wrong
    text = found[0].read_text(encoding="utf-8").splitlines()
    if line == "...":
        about = text
    elif not 1 <= int(line) <= len(text) or not text[int(line) - 1].strip(" \t{}"):
        return "there is nothing on that line"
    else:
        about = text[max(0, int(line) - 3):int(line) + 2]
    function = re.sub(r"<[^<>]*>", "", word).split("::")[-1]
    if function and not re.search(rf"\b{function}\b", "\n".join(about)):
        return f"there is no {word} there"
    return ""
