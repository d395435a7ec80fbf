"""Writes one self-contained HTML page: style, scripts and data inside, nothing to be fetched."""

import base64
import gzip
import html
import json
import pathlib
from collections.abc import Iterable, Mapping

HERE = pathlib.Path(__file__).resolve().parent
LOOK_STYLE, LOOK_SCRIPT = HERE / "look.css", HERE / "look.js"

# The policy tells the browser, too, that the page asks the network for nothing.
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
          "img-src data: blob:")
# An icon of its own, or browsers ask a server for one: a stack whose lower pages are not there.
ICON = ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect x='2' y='1' width='12' "
        "height='6' fill='#0b6a8f'/><rect x='2.5' y='8.5' width='11' height='6' fill='none' "
        "stroke='#0b6a8f' stroke-dasharray='2 1'/></svg>")


def write(path: pathlib.Path, title: str, subtitle: str, body: str,
          styles: Iterable[pathlib.Path] = (), scripts: Iterable[pathlib.Path] = (),
          data: Mapping[str, object] | None = None) -> None:
    """Writes the page to `path`. `body` is HTML; `title` and `subtitle` are plain text; `data` is
    anything that JSON can hold, by name, for fathom.data(name)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(compose(title, subtitle, body, styles, scripts, data or {}), encoding="utf-8")


def compose(title: str, subtitle: str, body: str, styles: Iterable[pathlib.Path],
            scripts: Iterable[pathlib.Path], data: Mapping[str, object]) -> str:
    """The page as text."""
    css = "\n".join(read(file) for file in (LOOK_STYLE, *styles))
    blocks = "\n".join(f'<script type="application/gzip" id="data-{name}">{pack(value)}</script>'
                       for name, value in data.items())
    code = "\n".join(f"<script>\n{read(file)}</script>" for file in scripts)
    icon = base64.b64encode(ICON.encode()).decode()
    return f"""<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)} - Fathom</title>
<link rel="icon" href="data:image/svg+xml;base64,{icon}">
<style>
{css}</style>
<script>
{read(LOOK_SCRIPT)}</script>
</head>
<body>
<header class="page-head">
<h1><span class="brand">Fathom /</span> {html.escape(title)}</h1>
<span class="subtitle">{html.escape(subtitle)}</span>
<button id="theme" type="button" title="switch between light and dark">light / dark</button>
</header>
{body}
{blocks}
{code}
</body>
</html>
"""


def pack(value: object) -> str:
    """JSON, gzip, base64; the same value gives the same text each time."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.b64encode(gzip.compress(text, mtime=0)).decode()


def read(file: pathlib.Path) -> str:
    """A style or script as text; it must not end the element that it is put into."""
    text = file.read_text(encoding="utf-8")
    if "</script" in text or "</style" in text:
        raise ValueError(f"{file} would end its own element")
    return text
