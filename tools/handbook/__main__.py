#!/usr/bin/python3
"""Builds the handbook: docs/ in reading order as web pages, with diagrams drawn from the tree.

    /usr/bin/python3 tools/handbook build/report/handbook
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "handbook"

# pylint: disable=wrong-import-position
from handbook import diagrams, order

ROOT = pathlib.Path(__file__).resolve().parents[2]
STYLE = pathlib.Path(__file__).resolve().parent / "handbook.css"
# Scripts that a page takes from the site itself; 404.html, for servers, is not looked at.
SCRIPT = re.compile(r'<script src="((?!https?:|/)[^"]+\.js)"')
FOLDER = re.compile(r'href="((?:\.\./)*\.\.?)"')
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

CONFIGURATION = """\
site_name: Fathom
site_description: lazily populated stacks, explained on a kernel that has them
docs_dir: {docs}
theme:
  name: readthedocs
  highlightjs: false
use_directory_urls: false
plugins: []
extra_css: [handbook.css]
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


def copy_pages(folder):
    """docs/ and labs/ as mkdocs wants them: in one folder."""
    known = order.places()
    for source, place in known.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(order.relinked(source, known), encoding="utf-8")


def complete(site):
    """Makes the pages whole without a server: a link to a folder names its page, and what the theme
    asks for is there where Debian's mkdocs has it by another name (jQuery), or not at all."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(FOLDER.sub(r'href="\1/index.html"', text), encoding="utf-8")
        for name in SCRIPT.findall(COMMENT.sub("", text)):
            target = (page.parent / name).resolve()
            if not target.exists():
                provide(target)


def provide(script):
    """A script of the theme that mkdocs has not written."""
    same = sorted(script.parent.glob(script.name.split("-")[0] + "-*.js"))
    if same:
        shutil.copyfile(same[0], script)
    elif script.name == "theme_extra.js":
        script.write_text("", encoding="utf-8")
    else:
        raise SystemExit(f"the theme asks for {script}, which mkdocs has not written")


def build(site):
    """Writes the pages to `site`; raises where mkdocs finds anything wrong."""
    with tempfile.TemporaryDirectory(prefix="fathom-handbook-") as name:
        folder = pathlib.Path(name)
        docs = folder / "docs"
        copy_pages(docs)
        shutil.copy(STYLE, docs)
        diagrams.draw(docs / "book")
        configuration = folder / "mkdocs.yml"
        configuration.write_text(CONFIGURATION.format(docs=docs, nav=navigation(order.chapters())),
                                 encoding="utf-8")
        subprocess.run(["mkdocs", "build", "--strict", "--quiet", "--config-file",
                        str(configuration), "--site-dir", str(site.resolve())], check=True)
    complete(site)


def main():
    site = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/report/handbook")
    build(site)
    print(f"{sum(len(pages) for _, pages in order.chapters())} chapters: {site}/index.html")


if __name__ == "__main__":
    main()
