#!/usr/bin/python3
"""Draws physical and virtual memory of a run, with lazy stacks and with eager ones.

    /usr/bin/python3 tools/memory_map --out build/report/memory-x86_64.html --arch x86_64 \\
        --args 'run=search threads=16'

Boots build/ARCH-release and build/ARCH-eager with the same options (those of tools/run), stops both
when --at FUNCTION (a mangled name's beginning) is reached for the --hit Nth time.
"""

import argparse
import pathlib
import sys

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "memory_map"

# pylint: disable=wrong-import-position
from memory_map import html_page, snapshot
from run import check_options, options as run_options

# While the search runs: some searchers have ended, the others are somewhere in their lines.
AT, HIT = "_ZN6fathom11exit_thread", 6
MACHINES = (("release", "lazy (the rules)"), ("eager", "eager"))


def main(arguments: list[str]) -> int:
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    own.add_argument("--out", type=pathlib.Path,
                     default=run_options.ROOT / "build" / "report" / "memory.html")
    own.add_argument("--at", default=AT)
    own.add_argument("--hit", type=int, default=HIT)
    mine, rest = own.parse_known_args(arguments)
    try:
        taken = []
        for preset, label in MACHINES:
            options = run_options.parse(rest)
            options.build = run_options.ROOT / "build" / f"{options.arch}-{preset}"
            options.log = options.build / "logs" / "memory_map.log"
            check_options.check(options)
            taken.append(snapshot.take(options, label, mine.at, mine.hit))
    except run_options.UsageError as error:
        print(f"tools/memory_map: {error}", file=sys.stderr)
        return 2
    cpus = f"{options.smp} CPU{'s' * (options.smp != 1)}"
    subtitle = f"{cpus}, {options.mem}: {options.told_command_line()}"
    html_page.write(mine.out, taken, options.arch, subtitle)
    print(f"{len(taken[0].stacks)} stacks: {mine.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
