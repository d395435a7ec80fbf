"""Diagrams that cannot be wrong for long: drawn by graphviz from what the sources say."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
# pylint: disable=wrong-import-position
import check_layers

ROOT = pathlib.Path(__file__).resolve().parents[2]
KERNEL = ROOT / "kernel"
LAYERS = [layer for layer in check_layers.LAYERS if layer != "tests"]
INCLUDE = re.compile(r'^#include <([^>]+)>', re.MULTILINE)
LOOK = ('rankdir=LR; ranksep=0.25; nodesep=0.12; edge [color="#0b6a8f", arrowsize=0.7]; '
        'node [shape=box, fontname="sans-serif", fontsize=11, height=0.3, margin="0.06,0.03"];')
PAGE_BYTES = 4096

CALL = re.compile(r"\b((?:\w+::)?\w+)\(")
LOCAL = re.compile(r"^(?:(?:\[\[[\w:]+(?:, [\w:]+)*\]\]|inline|static) )*void (handle\w*)\(",
                   re.MULTILINE)
# What the upcalls lead to, as far as a reader of the picture wants to follow.
BEYOND = {"begin_system_call", "mm::serve_first_touch", "mm::serve_touch_while_low",
          "mm::handle_page_fault", "mm::handle_shootdown", "wait_for_memory", "handle_tick",
          "handle_unusual_fault", "take_console_input", "switch_away_from_trap",
          "fathom_system_call", "fathom_prepare_system_call", "report_broken_rule",
          "report_stack_overflow", "report_wild_access", "report_dead_stack", "report_fatal_trap"}


def draw(folder):
    """Writes every diagram to `folder` as SVG."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("layers", layers()), ("stack", stack()),
                       ("trap_x86_64", traps("x86_64")), ("trap_aarch64", traps("aarch64"))):
        subprocess.run(["dot", "-Tsvg", "-o", str(folder / f"{name}.svg")], input=text, text=True,
                       check=True)


# ---- the layers

def includes():
    """{(layer, other layer that it includes): how many include lines}."""
    counts = {}
    for path in sorted(KERNEL.rglob("*.[ch]pp")):
        layer = path.relative_to(KERNEL).parts[0]
        for target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            other = check_layers.layer_of_include(target)
            if layer in LAYERS and other in LAYERS and layer != other:
                counts[layer, other] = counts.get((layer, other), 0) + 1
    return counts


def layers():
    """A matrix: how often each layer (a row) includes each of the others (a column). The lowest
    layer is the first column and the last row, so what pointed up would stand in the grey half."""
    counts = includes()
    columns = LAYERS[:-1]
    head = "".join(f"<td><b>{layer}</b></td>" for layer in columns)
    rows = [f"<tr><td></td>{head}</tr>"]
    for layer in reversed(LAYERS[1:]):
        cells = [cell(counts.get((layer, other), 0), LAYERS.index(other) < LAYERS.index(layer))
                 for other in columns]
        rows.append(f'<tr><td align="right"><b>{layer}</b>&#160;includes</td>{"".join(cells)}</tr>')
    table = (f'<table border="0" cellborder="0" cellspacing="2" cellpadding="5">{"".join(rows)}'
             "</table>")
    return (f'digraph layers {{ node [shape=plain, fontname="sans-serif", fontsize=12]; '
            f"matrix [label=<{table}>]; }}")


def cell(count, below):
    """One number; darker where there are more."""
    if not below:
        return f'<td bgcolor="#eeeeee">{count or ""}</td>'
    shade = "#ffffff" if not count else "#dcedf5" if count < 20 else "#a9d3e6"
    return f'<td bgcolor="{shade}">{count or "-"}</td>'


# ---- a stack

def constant(name, path):
    """A constant of the sources as a number of bytes."""
    text = (ROOT / path).read_text(encoding="utf-8")
    value = re.search(rf"\b{name} = ([^;]+);", text).group(1)
    size = re.fullmatch(r"KiB\((\d+)\)", value)
    return int(size.group(1)) << 10 if size else {"kPageSize": PAGE_BYTES}[value]


def stack():
    """A slot of a stack arena, from its top down, a line for each page edge; sizes as in
    mm/stack_geometry.hpp."""
    geometry = "kernel/mm/stack_geometry.hpp"
    gap = constant("kStackGapBytes", geometry)
    ahead = constant("kPrefaultBytes", geometry)
    rows = [("top", "the highest page: populated by the creator", "#a9d3e6"),
            ("page edge", "a page that was touched: populated", "#a9d3e6"),
            ("page edge", "the page of sp: populated; what lies below sp does not count,<br/>"
             "but for what a prefault has just touched", "#dcedf5"),
            ("page edge", "pages never touched: absent", "#ffffff"),
            ("bottom", f"{ahead >> 10} KiB for prefaults of a thread at its end", "#ffffff"),
            ("page edge", f"{gap >> 10} KiB of gap, never mapped: an overflow", "#e0e0e0"),
            ("next stack's top", "", "")]
    lines = []
    for edge, text, color in rows:
        lines.append(f'<tr><td border="0" valign="top" align="right">{edge} &#8212;</td>'
                     + (f'<td width="330" height="44" bgcolor="{color}">{text}</td>'
                        if text else '<td border="0"></td>') + "</tr>")
    return ('digraph stack { node [shape=plain, fontname="sans-serif", fontsize=11]; slot [label=<'
            '<table border="0" cellborder="1" cellspacing="0" cellpadding="3">'
            f'{"".join(lines)}</table>>]; }}')


# ---- from a trap to what is done about it

def body(text, name):
    """The body of the function `name` as a source defines it: from a line that begins in the first
    column to the brace there."""
    plain = name.rpartition("::")[2]
    found = re.search(rf"^(?![ /])[^\n;=]*\b{plain}\([^;{{]*\{{(.*?)^\}}", text,
                      re.MULTILINE | re.DOTALL)
    return re.sub(r"//.*", "", found.group(1)) if found else ""


def read(*paths):
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def assembly(folder):
    """{(file, what it calls)}: what the vectors and the entry of system calls lead to."""
    edges = {("vectors.S", handler)
             for handler in re.findall(r"\b(fathom_handle_\w+)", read(folder / "vectors.S"))}
    return edges | {("system_call.S", callee) for callee in
                    re.findall(r"(?:bl|callq) +(\w*system_call)", read(folder / "system_call.S"))}


def trap_edges(arch):
    """{(caller, callee)} from the vectors to the upcalls and a step beyond."""
    folder = KERNEL / "arch" / arch
    sources = read(*sorted(folder.glob("*.cpp")))
    dispatch = read(KERNEL / "sched" / "trap_dispatch.cpp")
    upcalls = set(re.findall(r"\b(\w+)\(", read(KERNEL / "arch" / "trap.hpp")))
    followed = upcalls | set(LOCAL.findall(sources)) | BEYOND
    edges = assembly(folder)
    if "address_of(&fathom_system_call_entry)" in body(sources, "begin_system_call"):
        edges.add(("begin_system_call", "system_call.S"))  # where the trap returns to
    todo, seen = sorted(callee for _, callee in edges), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        code = "" if "::" in name else body(sources, name) or body(dispatch, name)
        callees = set(CALL.findall(code)) & followed - {name}
        edges |= {(name, callee) for callee in callees}
        todo += sorted(callees)
    return edges


def traps(arch):
    lines = [f'"{caller}" -> "{callee}";' for caller, callee in sorted(trap_edges(arch))]
    return f"digraph traps {{ {LOOK} {' '.join(lines)} }}"
