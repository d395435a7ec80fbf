"""The comparison as one page: charts of each row, the verdicts, and the other kernels' figures."""

import html
import pathlib

from bench.rows import ARCHITECTURES
from report import page

from . import judge, loads, peers, table
from .policies import POLICIES

STYLE = pathlib.Path(__file__).resolve().parent / "compare.css"
# What each group of charts asks.
GROUPS = {
    "What a section costs": ("preempt_pair", "irqs_pair", "nested_pair", "unknown_pair",
                             "rcu_read"),
    "What is made of sections": ("malloc_free_64", "malloc_free_1000", "malloc_free_3000",
                                 "malloc_free_40000", "mutex_pair", "yield_alone", "yield_switch",
                                 "semaphore_round_trip", "wake_to_run", "timer_set_cancel",
                                 "create_join_1m", "syscall", "trace_off", "trace_on"),
    "What growing costs": ("stack_fault", "stack_fault_dry", "deep_64k_first", "deep_64k_again",
                           "deep_64k_after_trim", "trim_per_page"),
    "What a thread takes": ("parked_thread_bytes_8k", "parked_thread_bytes_256k",
                            "parked_thread_bytes_1m", "parked_thread_bytes_8m",
                            "parked_thread_bytes_64m",
                            "touched_64k_bytes_1m", "touched_512k_bytes_1m",
                            "threads_1m_in_256m", "threads_1m_in_1g"),
    "What must wait": ("interrupt_latency", "timer_interrupt", "boot_to_main",
                       "boot_to_main_microvm"),
}


def write(rows: list[dict], path: pathlib.Path) -> None:
    """Writes the page."""
    body = ["<main>", introduction(), verdicts(rows), loads.section(rows)]
    for title, names in GROUPS.items():
        body.append(f"<h2>{title}</h2>")
        body += [chart(rows, name) for name in names]
    body += [other_kernels(rows), all_rows(rows), "</main>"]
    page.write(path, "every policy, side by side",
               "guest instructions and bytes; exactly repeatable", "\n".join(body), styles=[STYLE])


def introduction() -> str:
    items = "".join(
        f"<dt>{policy.name}{'' if policy.sound else ' <b>unsound</b>'}</dt><dd>{policy.text}</dd>"
        for policy in POLICIES)
    return ("<p>The same kernel, the same work, one policy per build. Bars of one chart have one "
            f'scale, from 0.</p><dl class="policies">{items}</dl>')


def chart(rows: list[dict], name: str) -> str:
    """One row as bars: a block for each architecture, a bar for each policy."""
    values, unit = table.values_of(rows), table.names_in(rows).get(name)
    if unit is None:
        return ""
    blocks = []
    for arch in ARCHITECTURES:
        bars = [(policy, values[arch, policy, name]) for policy in table.policies_in(rows)
                if (arch, policy, name) in values]
        longest = max((value for _, value in bars), default=0) or 1
        lines = "".join(bar(policy, value, longest) for policy, value in bars)
        blocks.append(f"<figure><figcaption>{arch}</figcaption>{lines}</figure>")
    return (f'<section class="chart"><h3>{name} <small>{unit}</small></h3>'
            f'<div class="pair">{"".join(blocks)}</div></section>')


def bar(policy: str, value: int, longest: int) -> str:
    width = 100 * value / longest
    return (f'<div class="line"><span class="who">{policy}</span><span class="track">'
            f'<span class="fill {policy}" style="width:{width:.2f}%"></span></span>'
            f"<b>{value:,}</b></div>")


def verdicts(rows: list[dict]) -> str:
    """`rules` against the bars and the best of the others; what misses says by how much."""
    lines, missed = [], 0
    for one in judge.judge(rows):
        best = f"{one.best:,} ({one.peer})" if one.best is not None else "-"
        limit = f"{one.bar:,}" if one.bar is not None else "-"
        mark = "holds" if one.holds else f"misses by {one.missing:,}"
        missed += not one.holds
        lines.append(f'<tr class="{"good" if one.holds else "bad"}"><td>{one.name}</td>'
                     f"<td>{one.arch}</td>{number(f'{one.ours:,}')}{number(limit)}"
                     f"{number(best)}<td>{mark}</td></tr>")
    return ("<h2>rules, against its bars and the best of the other kernels</h2><table><tr>"
            f"<th>row</th><th></th>{number('ours', 'th')}{number('bar', 'th')}"
            f"{number('best other', 'th')}<th></th></tr>" + "".join(lines)
            + f"</table><p>{missed or 'No'} row{' misses' if missed == 1 else 's miss'}.</p>")


def other_kernels(rows: list[dict]) -> str:
    """Everybody's figures beside ours, how they were obtained, and what not to compare."""
    values, kernels = table.values_of(rows), list(peers.HOW)
    head = "".join(number(who, "th") for who in ["ours (rules)", *kernels])
    lines = []
    for name, known in peers.PEERS.items():
        cells = [pair(tuple(values.get((arch, "rules", name)) for arch in ARCHITECTURES))]
        cells += [pair(known.get(who, (None, None))) for who in kernels]
        lines.append(f"<tr><td>{name}</td>" + "".join(map(number, cells))
                     + "</tr>")
    how = "".join(f"<dt>{who}</dt><dd>{html.escape(text)}</dd>" for who, text in peers.HOW.items())
    apart = "".join(f"<li>{html.escape(text)}</li>" for text in peers.NOT_COMPARABLE)
    return (f"<h2>The other kernels</h2><p>x86_64 / aarch64</p><table><tr><th></th>{head}</tr>"
            f"{''.join(lines)}</table><h3>How they were obtained</h3><p>One machine, November "
            "2026, QEMU with -icount, one CPU; each figure repeats exactly.</p>"
            f'<dl class="policies">{how}</dl><h3>What is not comparable</h3><ul>{apart}</ul>')


def number(text: str, cell: str = "td") -> str:
    """A cell of a column of numbers."""
    return f'<{cell} class="number">{text}</{cell}>'


def pair(values: tuple) -> str:
    return " / ".join("-" if value is None else f"{value:,}" for value in values)


def all_rows(rows: list[dict]) -> str:
    return f"<h2>All rows</h2><pre>{html.escape(table.text(rows))}</pre>"
