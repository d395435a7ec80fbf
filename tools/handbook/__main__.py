#!/usr/bin/python3
"""Builds the handbook: docs/ in reading order as web pages, with diagrams drawn from the tree.

    /usr/bin/python3 tools/handbook build/report/handbook
"""

import pathlib
import subprocess
import sys
import tempfile

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "handbook"

# pylint: disable=wrong-import-position
from handbook import diagrams, order

ROOT = pathlib.Path(__file__).resolve().parents[2]

CONFIGURATION = """\
site_name: Fathom
site_description: lazily populated stacks, explained on a kernel that has them
docs_dir: {docs}
theme:
  name: readthedocs
  highlightjs: false
use_directory_urls: false
plugins: []
markdown_extensions: [tables, fenced_code, toc]
nav:
{nav}
"""


def navigation(chapters):
    """mkdocs' list of pages."""
    lines = []
    for part, pages in chapters:
        lines.append(f"  - \"{part}\":")
        lines += [f"      - \"{title}\": {name}" for name, title in pages]
    return "\n".join(lines)


def copy_docs(folder):
    """docs/ as mkdocs wants it: the links that lead out of it are left as text."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        target = folder / path.relative_to(ROOT / "docs")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(order.without_outer_links(path.read_text(encoding="utf-8")),
                          encoding="utf-8")


def build(site):
    """Writes the pages to `site`; raises where mkdocs finds anything wrong."""
    with tempfile.TemporaryDirectory(prefix="fathom-handbook-") as name:
        folder = pathlib.Path(name)
        docs = folder / "docs"
        copy_docs(docs)
        diagrams.draw(docs / "book")
        configuration = folder / "mkdocs.yml"
        configuration.write_text(CONFIGURATION.format(docs=docs, nav=navigation(order.chapters())),
                                 encoding="utf-8")
        subprocess.run(["mkdocs", "build", "--strict", "--quiet", "--config-file",
                        str(configuration), "--site-dir", str(site.resolve())], check=True)


def main():
    site = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/report/handbook")
    build(site)
    print(f"{sum(len(pages) for _, pages in order.chapters())} chapters: {site}/index.html")


if __name__ == "__main__":
    main()
