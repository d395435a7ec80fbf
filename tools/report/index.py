#!/usr/bin/python3
"""Writes the index of a folder of pages: each with its title and what it was made from.

    /usr/bin/python3 tools/report/index.py build/report
"""

import html
import pathlib
import re
import sys
from typing import NamedTuple

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from report import page

INDEX = "index.html"
TITLE = re.compile(r"<title>(.*?) - Fathom</title>")
SUBTITLE = re.compile(r'<span class="subtitle">(.*?)</span>', re.DOTALL)


class Page(NamedTuple):
    """A page of the folder; title and subtitle are HTML already."""

    name: str
    title: str
    subtitle: str
    others: list[str]  # files that belong to it: the same name with another ending


def pages_of(folder: pathlib.Path) -> list[Page]:
    """Fathom's pages in the folder, by title; other HTML files are left alone."""
    found = []
    for path in sorted(folder.glob("*.html")):
        text = path.read_text(encoding="utf-8", errors="replace")
        title, subtitle = TITLE.search(text), SUBTITLE.search(text)
        if title and subtitle and path.name != INDEX:
            others = [other.name for other in sorted(folder.glob(f"{path.stem}.*"))
                      if other.suffix != ".html"]
            found.append(Page(path.name, title.group(1), subtitle.group(1), others))
    return sorted(found, key=lambda one: (one.title, one.name))


def handbook_of(folder: pathlib.Path) -> list[Page]:
    """The handbook, where make docs has put it."""
    name = "handbook/index.html"
    there = (folder / name).exists()
    return [Page(name, "The handbook", "docs/ as web pages", [])] if there else []


def card(one: Page) -> str:
    more = "".join(f' <a href="{html.escape(name)}">{html.escape(name)}</a>' for name in one.others)
    return (f'<div class="card"><h2><a href="{html.escape(one.name)}">{one.title}</a></h2>'
            f"<p>{one.subtitle}</p>" + (f"<p>as data:{more}</p>" if more else "") + "</div>")


def write(folder: pathlib.Path) -> int:
    """Writes the index; returns how many pages it names."""
    pages = handbook_of(folder) + pages_of(folder)
    body = '<main class="wide"><div class="cards">' + "\n".join(map(card, pages)) + "</div></main>"
    page.write(folder / INDEX, "pictures and reports",
               "each report is one file, the handbook a folder; none needs a network", body)
    return len(pages)


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/report")
    print(f"{write(target)} pages: {target / INDEX}")
