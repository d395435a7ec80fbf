"""The proof for the browser: each section's calls, with its depth as a bar against its window."""

import html
import pathlib
import re

from report import page

from .records import StackKind, TURNS
from .report import Report
from .rules import SiteResult
from .summary import PREEMPTIBLE

ROOT = pathlib.Path(__file__).resolve().parents[2]
STYLE = pathlib.Path(__file__).resolve().parent / "proof.css"
DEEPEST_TREE = 12
TEST = re.compile(r"\bkernel_test_(\d+)")
SENTENCE = re.compile(r'KERNEL_TEST\(\s*"([^"]+)"')
PARTS = (("The kernel's sections on lazy stacks, fullest window first", False),
         ("Sections of its tests", True))


def write(report: Report, path: str) -> None:
    """Writes one self-contained page."""
    sections = [s for s in report.proof.sites.values() if s.depth is not None]
    sections.sort(key=lambda s: (-s.depth / max(s.site.window, 1), s.site.pc))
    report.lines.load(s.site.pc for s in sections)
    findings = "".join(f'<p class="finding">{html.escape(line)}</p>' for line in report.findings())
    body = [f"<main><p>{html.escape(report.summary())}</p>", findings or "<p>Proved.</p>"]
    for title, of_tests in PARTS:
        of_part = [s for s in sections if _is_of_a_test(report, s) == of_tests]
        if of_part:
            body.append(f"<h2>{title}</h2>")
            body += [_section(report, s) for s in of_part]
    page.write(pathlib.Path(path), f"the proof, {report.image.arch}",
               "depth of each atomic section against its window", "\n".join(body) + "</main>",
               styles=[STYLE])


def _is_of_a_test(report: Report, result: SiteResult) -> bool:
    return report.place(result.site.pc).startswith("tests/")


def _name(report: Report, address: int) -> str:
    """A function's name; a test's, or that of a function in it, is its sentence, which stands on
    the line that the symbol names."""
    name = report.name(address)
    test = TEST.search(name)
    if test is None:
        return name
    inside = " (a function in it)" if test.start() or "lambda" in name else ""
    for place in _places(report, address):
        file = ROOT / place.rpartition(":")[0]
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        line = int(test.group(1))
        sentence = SENTENCE.match(" ".join(lines[line - 1:line + 1]))
        if sentence:
            return f"test \u201c{sentence.group(1)}\u201d{inside}"
    return name


def _places(report: Report, address: int):
    """Where the code at `address` comes from, then what else is inlined into its function: one of
    its places lies in the file of the test."""
    yield report.place(address)
    function = report.image.function_at(address)
    inside = range(function.start, function.end, 4)
    report.lines.load(inside)
    yield from dict.fromkeys(map(report.place, inside))


def _section(report: Report, result: SiteResult) -> str:
    site = result.site
    share = min(100, 100 * result.depth // site.window) if site.window else 0
    over = " over" if result.depth > site.window else ""
    head = (f"<span>rule {site.rule}</span><span>{TURNS[site.turn]}</span>"
            f'<span class="name">{html.escape(_name(report, site.pc))}</span>'
            f'<span class="bar{over}"><span style="width:{share}%"></span></span>'
            f'<span class="number">{result.depth} of {site.window}</span>')
    contexts = "; ".join(html.escape(str(c)) for c in sorted(result.contexts))
    chain = "".join(f"<li>{html.escape(report.place(a))}"
                    + (f" calls <span>{html.escape(name)}</span>: {depth} bytes" if name
                       else ": deepest here")
                    + "</li>" for a, name, depth in report.way_down(result.deepest))
    way = (f'<ul class="calls way">{chain}</ul>' if chain
           else "<p>It touches nothing below its stack pointer.</p>")
    return (f'<details class="section"><summary>{head}</summary>'
            f"<p>{html.escape(report.place(site.pc))}; untouched above sp: {result.gap}; "
            f"{contexts}</p><h4>The deepest way</h4>{way}{_calls(report, result)}</details>")


def _calls(report: Report, result: SiteResult) -> str:
    """What the section may call, as a tree, each function once."""
    tree = _tree(report, sorted(filter(_is_inside, result.calls), key=_order), set(), 0)
    return f"<h4>All calls</h4>{tree}" if tree else "<p>It calls nothing.</p>"


def _is_inside(call: tuple) -> bool:
    """Whether the callee runs in a section on a lazy stack: only there do depths count."""
    context = call[1][1]
    return context.kind == StackKind.LAZY and context.level != PREEMPTIBLE


def _tree(report: Report, calls: list, seen: set, level: int) -> str:
    items = []
    for _, key in calls:
        if key in seen or level > DEEPEST_TREE or key not in report.program.summaries:
            continue
        seen.add(key)
        summary = report.program.summaries[key]
        below = sorted(filter(_is_inside, summary.calls), key=_order)
        inner = _tree(report, below, seen, level + 1)
        items.append(f"<li><span>{html.escape(report.name(key[0]))}</span> "
                     f"<small>{_bytes(summary.depth)}</small>{inner}</li>")
    return f'<ul class="calls">{"".join(items)}</ul>' if items else ""


def _bytes(depth: int) -> str:
    return f"{depth} bytes" if depth else "touches no stack"


def _order(call: tuple) -> tuple:
    return call[0], call[1][0], str(call[1][1])
