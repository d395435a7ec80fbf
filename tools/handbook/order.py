"""The order in which a reader needs the pages of docs/. docs/index.md has it: this reads it."""

import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs" / "index.md"
PART = re.compile(r"^## (.*)$")
CHAPTER = re.compile(r"^\d+\. \[([^\]]+)\]\(([^)]+)\)")
LINK = re.compile(r"(!?)\[([^\]]+)\]\(([^)#\s]+)(#[^)]*)?\)")


def chapters():
    """[(part, [(page, title)])], the index first."""
    found = [("This book", [("index.md", "What is where")])]
    for line in INDEX.read_text(encoding="utf-8").splitlines():
        if part := PART.match(line):
            found.append((part.group(1), []))
        elif chapter := CHAPTER.match(line):
            found[-1][1].append((chapter.group(2), chapter.group(1)))
    return found


def places():
    """{source: where it stands in the handbook}: docs/, and labs/ beside its pages."""
    docs = {path: path.relative_to(ROOT / "docs") for path in sorted((ROOT / "docs").rglob("*.md"))}
    return docs | {path: path.relative_to(ROOT) for path in sorted((ROOT / "labs").rglob("*.md"))}


def relinked(source, known):
    """The text of a page, its links changed to where the other pages stand; links to what is no
    page are left as their words."""
    def follow(found):
        picture, words, target, fragment = found.groups()
        path = (source.parent / target).resolve()
        if picture or target.startswith("http") or path.suffix == ".svg":
            return found.group(0)
        if path not in known:
            return words
        relative = os.path.relpath(known[path], known[source].parent)
        return f"[{words}]({relative}{fragment or ''})"

    return LINK.sub(follow, source.read_text(encoding="utf-8"))
