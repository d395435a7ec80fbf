"""The order in which a reader needs the pages of docs/. docs/index.md has it: this reads it."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs" / "index.md"
PART = re.compile(r"^## (.*)$")
CHAPTER = re.compile(r"^\d+\. \[([^\]]+)\]\(([^)]+)\)")
OUTER_LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)+[^)]*\)")


def chapters():
    """[(part, [(page, title)])], the index first."""
    found = [("This book", [("index.md", "What is where")])]
    for line in INDEX.read_text(encoding="utf-8").splitlines():
        if part := PART.match(line):
            found.append((part.group(1), []))
        elif chapter := CHAPTER.match(line):
            found[-1][1].append((chapter.group(2), chapter.group(1)))
    return found


def without_outer_links(text):
    """The text with links that lead out of docs/ replaced by their words."""
    return OUTER_LINK.sub(r"\1", text)
