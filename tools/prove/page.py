"""The proof for the browser: each section's calls, with its depth as a bar against its window."""

import html
import pathlib

from report import page

from .records import TURNS
from .report import Report
from .rules import SiteResult

STYLE = pathlib.Path(__file__).resolve().parent / "proof.css"
DEEPEST_TREE = 12


def write(report: Report, path: str) -> None:
    """Writes one self-contained page."""
    sections = [s for s in report.proof.sites.values() if s.depth is not None]
    sections.sort(key=lambda s: (-s.depth / max(s.site.window, 1), s.site.pc))
    report.lines.load(s.site.pc for s in sections)
    findings = "".join(f'<p class="finding">{html.escape(line)}</p>' for line in report.findings())
    body = [f"<main><p>{html.escape(report.summary())}</p>", findings or "<p>Proved.</p>",
            "<h2>Sections on lazy stacks, fullest window first</h2>"]
    body += [_section(report, s) for s in sections]
    page.write(pathlib.Path(path), f"the proof, {report.image.arch}",
               "depth of each atomic section against its window", "\n".join(body) + "</main>",
               styles=[STYLE])


def _section(report: Report, result: SiteResult) -> str:
    site = result.site
    share = min(100, 100 * result.depth // site.window) if site.window else 0
    over = " over" if result.depth > site.window else ""
    head = (f"<span>rule {site.rule}</span><span>{TURNS[site.turn]}</span>"
            f"<span>{html.escape(report.name(site.pc))}</span>"
            f'<span class="bar{over}"><span style="width:{share}%"></span>'
            f"<b>{result.depth} of {site.window}</b></span>")
    contexts = "; ".join(html.escape(str(c)) for c in sorted(result.contexts))
    chain = "".join(f"<li>{html.escape(report.place(a))}"
                    + (f" calls {html.escape(name)}: {depth} bytes" if name else ": deepest here")
                    + "</li>" for a, name, depth in report.way_down(result.deepest))
    return (f'<details class="section"><summary>{head}</summary>'
            f"<p>{html.escape(report.place(site.pc))}; untouched above sp: {result.gap}; "
            f'{contexts}</p><h4>The deepest way</h4><ul class="calls">{chain}</ul>'
            f"<h4>All calls</h4>{_calls(report, result)}</details>")


def _calls(report: Report, result: SiteResult) -> str:
    """What the section may call, as a tree; each function once."""
    seen: set = set()
    roots = set()
    for key, summary in report.program.summaries.items():
        if result.site.pc in summary.sites and key[1] in result.contexts:
            roots |= {c for c in summary.calls if c[1][1].level != key[1].level}
    return _tree(report, sorted(roots, key=_order), seen, 0)


def _tree(report: Report, calls: list, seen: set, level: int) -> str:
    items = []
    for address, key in calls:
        if key in seen or level > DEEPEST_TREE or key not in report.program.summaries:
            continue
        seen.add(key)
        summary = report.program.summaries[key]
        inner = _tree(report, sorted(summary.calls, key=_order), seen, level + 1)
        items.append(f"<li>{html.escape(report.name(key[0]))} "
                     f"<small>{summary.depth} bytes</small>{inner}</li>")
    return f'<ul class="calls">{"".join(items)}</ul>' if items else ""


def _order(call: tuple) -> tuple:
    return call[0], call[1][0], str(call[1][1])
