"""Diagrams that cannot be wrong for long: drawn by graphviz from what the sources say."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
KERNEL = ROOT / "kernel"
LAYERS = ("lib", "arch", "context", "trace", "mm", "sched", "sync", "panic", "main")
INCLUDE = re.compile(r'^#include <((?:native|[a-z]+))/[^>]+>', re.MULTILINE)
HANDLER = re.compile(r"\b(fathom_handle_\w+)")
LOOK = 'node [shape=box, fontname="sans-serif", fontsize=11]; edge [color="#0b6a8f"];'


def draw(folder):
    """Writes every diagram to `folder` as SVG."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("layers", layers()), ("stack", stack()),
                       ("trap_x86_64", traps("x86_64")), ("trap_aarch64", traps("aarch64"))):
        subprocess.run(["dot", "-Tsvg", "-o", str(folder / f"{name}.svg")], input=text, text=True,
                       check=True)


def includes():
    """{(layer, layer below it): how many include lines}."""
    counts = {}
    for path in sorted(KERNEL.rglob("*.[ch]pp")):
        layer = path.relative_to(KERNEL).parts[0]
        for target in INCLUDE.findall(path.read_text(encoding="utf-8")):
            below = "arch" if target == "native" else target
            if layer in LAYERS and below in LAYERS and layer != below:
                counts[layer, below] = counts.get((layer, below), 0) + 1
    return counts


def layers():
    """The layers, with an arrow for each pair in which one includes the other."""
    edges = [f'{above} -> {below} [label="{count}", fontsize=9, penwidth={1 + count / 40:.1f}];'
             for (above, below), count in sorted(includes().items())]
    return f"digraph layers {{ {LOOK} {' '.join(edges)} }}"


def constant(name, path):
    """The initialiser of a constant, as it stands in the source."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.search(rf"\b{name} = ([^;]+);", text).group(1)


def stack():
    """A slot of a stack arena, from its top down, sizes as in mm/stack_geometry.hpp."""
    geometry = "kernel/mm/stack_geometry.hpp"
    gap = constant("kStackGapBytes", geometry)
    ahead = constant("kPrefaultBytes", geometry)
    rows = ["top: the first frame", "populated as it is touched", "sp",
            "below sp: the window of a prefault, then nothing that counts",
            f"reserved for prefaults: {ahead}", f"gap, never mapped: {gap}",
            "the next stack's top"]
    return ('digraph stack { node [shape=record, fontname="sans-serif", fontsize=11]; '
            f's [label="{{ {" | ".join(rows)} }}"]; }}')


def body(text, name):
    """The body of the function `name` in a source, up to the brace in the first column."""
    found = re.search(rf"^[^\n;]*\b{name}\([^;{{]*\{{(.*?)^\}}", text, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def traps(arch):
    """From the vectors to the upcalls: who calls whom, as the sources have it."""
    folder = KERNEL / "arch" / arch
    vectors = (folder / "vectors.S").read_text(encoding="utf-8")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.cpp")))
    upcalls = set(re.findall(r"\b(\w+)\(", (KERNEL / "arch" / "trap.hpp").read_text("utf-8")))
    dispatch = "\n".join(path.read_text(encoding="utf-8")
                         for path in sorted((KERNEL / "sched").glob("*.cpp")))
    local = set(re.findall(r"^(?:\[\[noreturn\]\] )?void (handle_\w+)\(", sources, re.MULTILINE))
    edges = set()
    todo = sorted(set(HANDLER.findall(vectors)))
    edges |= {("vectors.S", handler) for handler in todo}
    seen = set()
    while todo:
        name = todo.pop()
        seen.add(name)
        called = set(re.findall(r"\b(\w+)\(", body(sources, name) or body(dispatch, name)))
        for callee in sorted(called & (upcalls | local | {"report_broken_rule", "switch_away",
                                                         "serve_first_touch", "fathom_resume"})):
            edges.add((name, callee))
            if callee not in seen:
                todo.append(callee)
    lines = [f'"{caller}" -> "{callee}";' for caller, callee in sorted(edges)]
    return f"digraph traps {{ rankdir=LR; {LOOK} {' '.join(lines)} }}"
