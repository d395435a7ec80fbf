"""The pages of docs/ and the README as blocks, for the tests of what they say."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages():
    """Every page, the README first."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")),
            *sorted((ROOT / "labs").rglob("*.md"))]


def name(page):
    return str(page.relative_to(ROOT))


def blocks(page, language):
    """[(line before the block, text)] of the fenced blocks in that language."""
    text = page.read_text(encoding="utf-8")
    return [(text[:found.start()].rstrip().rpartition("\n")[2], found.group(2))
            for found in FENCE.finditer(text) if found.group(1) == language]


def matches(expected, seen):
    """Whether a text is what a page shows: "..." alone on a line is any number of lines, within a
    line any text; blanks at a line's end do not count."""
    pattern = ""
    for line in expected.splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.rstrip().split("..."))) + r" *\n"
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in seen.splitlines()))


def sessions(text, prompt):
    """[(command, what is shown after it)] of a block."""
    found = []
    for line in text.splitlines():
        if line.startswith(prompt):
            found.append((line[len(prompt):], []))
        elif found:
            found[-1][1].append(line)
    return [(command, "".join(f"{line}\n" for line in lines)) for command, lines in found]
