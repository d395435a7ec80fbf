"""The serial log as a person wants to see it: tests as a tree, with progress, while they run.

    tests: 168 planned                                  instr.     wall
    mm
      ok      a freed frame is given out again             1.2 k   0.01 s
      NOT OK  a mapped page can be read                   20.1 k   0.02 s
              # tests/kernel/mm/page_test.cpp:33: *page == 7
             32 | const auto page = map_one(here);
        >    33 | EXPECT_EQ(test, *page, 7u);

On a terminal a line at the bottom counts over the plan; colours say again what the words say, and
not at all with NO_COLOR set or on a dumb terminal. Lines that are not KTAP pass unchanged.

`--view raw` (and any output that is not a terminal) gives the log as it is instead.
"""

import os
import re
import sys
import textwrap

import terminal
from read_log import LogReader

from . import replay, source_context

CYCLES = re.compile(r"^# (\d+) cycles$")
RUNNING = re.compile(r"^# run \d+: (.*)$")
WORDS = {"ok": ("ok", "32"), "bad": ("NOT OK", "1;31"), "skip": ("skip", "33")}
NAME_COLUMN = 10  # where names begin
EXCERPT_INDENT = " " * 4
PLAIN_WIDTH = 80  # where nobody sits at a terminal


def wants_tree(view, stream):
    """Whether `view` (auto, tree, raw) asks for the tree on this stream."""
    return view == "tree" or view == "auto" and stream.isatty()


def short(count):
    """A number of instructions in at most seven characters: 812, 81.2 k, 8.1 M."""
    for factor, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= factor:
            return f"{count / factor:.1f} {letter}"
    return f"{count}  "


def wants_color(stream):
    """https://no-color.org, and terminals that cannot."""
    return (stream.isatty() and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM", "dumb") != "dumb")


class LiveView:
    """Takes the log's bytes as they come; finish() leaves the terminal clean."""

    def __init__(self, options, stream=sys.stdout):
        self._options = options
        self._stream = stream
        self._color = wants_color(stream)
        self._progress = stream.isatty()
        self._reader = LogReader()
        self._rest = b""
        self._module = None
        self._pending = []     # diagnostics of the test that runs
        self._shown = 0        # results that were printed
        self._status = ""      # the line at the bottom

    def feed(self, chunk):
        """Bytes of the serial line, in any portions."""
        *complete, self._rest = (self._rest + chunk).split(b"\n")
        for raw in complete:
            self._line(raw.decode("utf-8", errors="replace").rstrip("\r"))
        self._stream.flush()

    def finish(self):
        """The log has ended: what is left of it, and no line at the bottom."""
        if self._rest:
            self._line(self._rest.decode("utf-8", errors="replace"))
        for line in self._pending:
            self._print(line)
        self._set_status("")
        self._stream.flush()

    def _line(self, line):
        had_plan = self._reader.has_plan
        self._reader.feed(line)
        line = self._reader.lines[-1]
        if self._reader.has_plan and not had_plan:
            self._print(self._heading())
        elif len(self._reader.results) > self._shown:
            self._shown += 1
            self._result(self._reader.results[-1])
        elif RUNNING.match(line):
            self._set_status(self._progress_line(RUNNING.match(line).group(1)))
        elif self._is_diagnostic(line):
            self._pending.append(line)
        elif not line.startswith(("KTAP version", "TAP version")):
            self._print(line)

    def _is_diagnostic(self, line):
        """Lines that belong to the test that runs; a panic is shown at once."""
        inside = self._reader.has_plan and self._shown < self._reader.top.planned
        return inside and line.startswith("#") and not self._reader.panics

    def _result(self, result):
        module, separator, name = result.name.partition(": ")
        if not separator:
            module, name = "", result.name
        if module != self._module:
            self._module = module
            self._print(self._paint(module, "1"))
        kind = "skip" if result.skipped else "ok" if result.ok else "bad"
        self._print(self._row(kind, name, result))
        if result.skipped and result.reason:
            self._print(" " * NAME_COLUMN + f"  ({result.reason})")
        if kind == "bad":
            self._failure(result)
        self._pending = []
        self._set_status(self._progress_line(""))

    def _heading(self):
        """How many tests there will be, and what the two columns of numbers are."""
        unit = "cycles" if self._options.real_time else "instr."
        left = f"tests: {self._reader.top.planned} planned"
        right = f"{unit:>8}     wall"
        return left + self._paint(right.rjust(self._width() - 1 - len(left)), "2")

    def _row(self, kind, name, result):
        """One result in a line: word, name, guest instructions, wall seconds."""
        word, color = WORDS[kind]
        cycles = next((CYCLES.match(line).group(1) for line in self._pending
                       if CYCLES.match(line)), None)
        cost = f"{short(int(cycles)):>8}" if cycles else " " * 8
        cost += f"{result.seconds:7.2f} s" if result.seconds is not None else ""
        room = max(self._width() - NAME_COLUMN - 2 - len(cost), 16)
        first, *more = textwrap.wrap(name, room) or [""]
        row = f"  {self._paint(f'{word:<8}', color)}{first:<{room}}  {self._paint(cost, '2')}"
        return "\n".join([row.rstrip(), *(" " * NAME_COLUMN + line for line in more)])

    def _failure(self, result):
        """What the test said, the source around it, and how to have it again."""
        indent = " " * NAME_COLUMN
        for line in self._pending:
            if not CYCLES.match(line) and not RUNNING.match(line):
                folded = terminal.fold(line, self._width() - 1 - len(indent), "#     ")
                for part in folded.split("\n"):
                    self._print(indent + self._paint(part, "31"))
            for source in source_context.excerpt(line):
                self._print(terminal.clip(EXCERPT_INDENT + source, self._width() - 1))
        self._print(terminal.fold_command(f"{indent}again, alone: ",
                                          replay.command(self._options, result.name),
                                          terminal.columns_of(self._stream)))

    def _progress_line(self, running):
        reader = self._reader
        planned = max(reader.top.planned, 1) if reader.top else 1
        done = len(reader.results)
        width = 20
        filled = done * width // planned
        failed = f", {len(reader.failures)} FAILED" if reader.failures else ""
        return f"[{'=' * filled}{' ' * (width - filled)}] {done}/{planned}{failed}  {running}"

    def _print(self, line):
        """A line above the one at the bottom."""
        status, self._status = self._status, ""
        if self._progress and status:
            self._stream.write("\r\x1b[K")
        self._stream.write(line + "\n")
        if status:
            self._set_status(status)

    def _set_status(self, text):
        if not self._progress or text == self._status:
            return
        self._status = text[:self._width() - 1]
        self._stream.write("\r\x1b[K" + self._status)

    def _paint(self, text, code):
        return f"\x1b[{code}m{text}\x1b[0m" if self._color and text else text

    def _width(self):
        return terminal.columns_of(self._stream) or PLAIN_WIDTH
