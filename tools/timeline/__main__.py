#!/usr/bin/python3
"""Runs the kernel and writes what it did as a page and as trace JSON.

    /usr/bin/python3 tools/timeline --out build/report/timeline --arch x86_64 --smp 4 \\
        --build build/x86_64-trace --args 'run=search,park park=64 threads=16'

Any option of tools/run will do. Two files are written: OUT.html and OUT.json. A build that records
each turn (the preset *-trace) shows sections; others show threads, interrupts and faults only.
"""

import contextlib
import pathlib
import sys

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "timeline"

# pylint: disable=wrong-import-position
from run import options as run_options
from timeline import capture, chrome_trace, html_page


def echo(chunk: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()


def unit_of(options: run_options.RunOptions) -> str:
    """What a step of the guest's counter is (run/machine.py, clock())."""
    return "cycles" if options.real_time else "instructions"


def describe(options: run_options.RunOptions, captured: capture.Capture) -> str:
    """The page's subtitle: what was run, and how it went."""
    cpus = f"{options.smp} CPU{'s' if options.smp != 1 else ''}"
    told = f"{options.build.name}, {cpus}, {options.mem}"
    return f"{told}: {options.told_command_line() or 'no arguments'} - {captured.verdict.status}"


def main(arguments: list[str]) -> int:
    out = run_options.ROOT / "build" / "report" / "timeline"
    if arguments[:1] == ["--out"]:
        out, arguments = pathlib.Path(arguments[1]), arguments[2:]
    try:
        options = run_options.parse(arguments)
        captured = capture.run(options, None if options.quiet else echo)
    except run_options.UsageError as error:
        print(f"tools/timeline: {error}", file=sys.stderr)
        return 2
    page, trace = out.with_suffix(".html"), out.with_suffix(".json")
    html_page.write(page, captured.timeline, captured.places, options.arch,
                    describe(options, captured), unit_of(options))
    chrome_trace.write(trace, captured.timeline, captured.places, unit_of(options))
    print(f"{captured.timeline.events} events, {len(captured.timeline.threads)} threads: "
          f"{page}, and {trace} for ui.perfetto.dev or speedscope.app")
    return 0 if captured.verdict.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
