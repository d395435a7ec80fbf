#!/usr/bin/python3
"""Checks that no include points up: docs/architecture.md, first lines.

    lib <- arch contract <- context <- trace <- mm <- sched <- sync <- panic <- main <- tests

A file may include its own layer and those to its left. Standard headers and packages (Boost) are
free for all; generated headers belong to the layer that may read them; "..." names a header that
lies beside the including file and is its own layer's by that.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LAYERS = ["lib", "arch", "context", "trace", "mm", "sched", "sync", "panic", "main", "tests"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Headers that are not where their path says. The assertion's way out counts as lib; generated
# headers have no folder.
SPECIAL = {
    "arch/panic_entry.hpp": "lib",
    "native/panic_entry.hpp": "lib",
    "build_options.hpp": "lib",
    "stack_policy.hpp": "context",
}
# Boot code fills BootInfo and knows the arch contracts, nothing of what runs later.
BOOT_MAY_INCLUDE = {"lib", "arch", "boot"}


def layer_of_include(name):
    """The layer of `#include <name>`, or None for what is not the kernel's."""
    if name in SPECIAL:
        return SPECIAL[name]
    first = name.split("/")[0]
    if "/" not in name:
        return None
    if first == "native":
        return "arch"
    if first in LAYERS or first == "boot":
        return first
    if first in ("runner", "sweep", "kernel", "adversaries", "expect_panic"):
        return "tests"
    return None


def layer_of_file(path):
    """The layer of a file, by its path from the project's root; None if it has none."""
    parts = path.parts
    if parts[0] == "kernel" and len(parts) > 2:
        return parts[1]
    if parts[0] in ("tests", "boot"):
        return parts[0]
    return None


def may_include(layer, included):
    if layer == "boot":
        return included in BOOT_MAY_INCLUDE
    if included == "boot":
        return False
    return LAYERS.index(included) <= LAYERS.index(layer)


def violations_in(path, text):
    """The violations of one file as (line number, message) pairs."""
    layer = layer_of_file(path)
    if layer is None:
        return []
    if layer != "boot" and layer not in LAYERS:
        return [(1, f"kernel/{layer} is no layer of docs/architecture.md")]
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        if quote == '"':
            if "/" in name:
                found.append((number, f'write <{name}>; "..." is for a header of the same folder'))
            continue
        included = layer_of_include(name)
        if included is not None and not may_include(layer, included):
            found.append((number, f"{layer} includes <{name}>, which is {included}"))
    return found


def check(root):
    """The violations under `root` as printable lines."""
    lines = []
    for folder in ("kernel", "boot", "tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".hpp", ".cpp", ".S", ".h", ".inc"):
                relative = path.relative_to(root)
                text = path.read_text(encoding="utf-8")
                lines += [f"{relative}:{number}: {message}"
                          for number, message in violations_in(relative, text)]
    return lines


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    lines = check(parser.parse_args(arguments).root)
    print("\n".join(lines) if lines else "layers: no include points up")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
