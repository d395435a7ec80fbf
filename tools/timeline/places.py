"""Code addresses as function, file and line, inlined calls included."""

import pathlib
import subprocess
from collections.abc import Iterable
from typing import NamedTuple

from log_filter import addr2line_for, shorten as shorten_path
from make_symbols import shorten as shorten_name

# What a reader of a section seldom means: library headers, the guards' own lines.
SKIPPED = ("/", "kernel/context/", "kernel/arch/x86_64/native/", "kernel/arch/aarch64/native/")


class Place(NamedTuple):
    """Where code comes from; `source` is "file:line" or empty."""

    function: str
    source: str


def look_up(elf: pathlib.Path, addresses: Iterable[int]) -> dict[int, Place]:
    """Of each return address the call's innermost place that is not SKIPPED."""
    wanted = sorted(set(addresses))
    command = [addr2line_for(elf), "-e", str(elf), "-a", "-f", "-C", "-i"]
    done = subprocess.run(command, input="".join(f"{address - 1:#x}\n" for address in wanted),
                          stdout=subprocess.PIPE, text=True, check=True)
    found: dict[int, Place] = {}
    lines = done.stdout.splitlines()
    at = 0
    for address in wanted:
        at += 1  # the address, echoed
        frames = []
        while at < len(lines) and not lines[at].startswith("0x"):
            frames.append((lines[at], lines[at + 1].partition(" (")[0]))
            at += 2
        found[address] = choose(frames)
    return found


def choose(frames: list[tuple[str, str]]) -> Place:
    """Of [(function, path:line)], innermost first, the one to show."""
    shown = Place("?", "")
    for function, place in frames:
        path, _, line = place.rpartition(":")
        path = shorten_path(path)
        shown = Place(shorten_name(function), f"{path}:{line}" if path != "??" else "")
        if not path.startswith(SKIPPED) and not function.startswith("operator()"):
            break  # a lambda is named by who calls it
    return shown
