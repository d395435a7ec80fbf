#!/usr/bin/python3
"""Reads the kernel's serial log: KTAP results, panics and the closing line.

A log is a mixture: firmware chatter, kernel lines, KTAP. Only lines that are KTAP by their form
count as KTAP; the rest is kept as the diagnostics of the next result. Form: a version line
("KTAP version 1"), a plan ("1..N"), results ("ok 1 name", "not ok 2 name # SKIP why"). Results of
subtests are indented by two spaces below their parent's and count through the parent's result.

    tools/read_log.py serial.log         # a summary; exit 0 if complete and all ok
    tools/read_log.py --failures serial.log

Owns: LogReader, TestResult and the exact wording of what can be wrong with a log.
"""

import argparse
import dataclasses
import re
import sys
import time

VERSION = re.compile(r"^(?:K?TAP) version \d+$")
PLAN = re.compile(r"^1\.\.(\d+)(?:\s*#\s*(.*))?$")
RESULT = re.compile(r"^(not )?ok (\d+)(?: (?:- )?([^#]*?))?(?:\s*#\s*(\S+)\s*(.*))?$")
BAIL_OUT = re.compile(r"^Bail out!\s*(.*)$")
ESCAPE = re.compile(r"\x1b(?:\[[0-9;?=]*[A-Za-z]|[()][A-Za-z0-9]|[=>])")

# How a panic report opens (panic/explain.cpp), and how a run closes (main/).
PANIC = re.compile(r"^PANIC: ")
HEADLINE_INDENT = 7  # of what does not fit its first line
DONE_LINE = "fathom: done"


@dataclasses.dataclass
class TestResult:
    """One top-level result: `directive` is SKIP, TODO or empty; `output` the lines before it."""

    number: int
    name: str
    ok: bool
    directive: str = ""
    reason: str = ""
    output: list = dataclasses.field(default_factory=list)
    seconds: float = None  # of wall time since the result before it, where somebody listens live

    @property
    def skipped(self):
        return self.directive.upper() == "SKIP"


@dataclasses.dataclass
class Level:
    """A plan and its results at one indentation."""

    indent: int
    planned: int = -1
    results: list = dataclasses.field(default_factory=list)


class LogReader:
    """Takes a log line by line, as it comes; the verdict can be asked for at any time."""

    def __init__(self):
        self.top = None           # the outermost Level, once a version line or plan was seen
        self.inner = []           # open Levels of subtests, outermost first
        self.problems = []        # what is wrong with the log's form
        self.panics = []          # the headlines of panics, each in one piece
        self._in_headline = False
        self.report = []          # everything from the first of them on
        self.done = False         # the kernel's closing line was seen
        self.diagnostics = []     # lines since the last result
        self.lines = []
        self._last_result = None  # when it came

    def feed(self, raw_line):
        """Takes one line without its line end."""
        line = ESCAPE.sub("", raw_line).rstrip("\r\n \t")
        self.lines.append(line)
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        self._in_headline = self._feed_headline(body, indent)
        if self.panics:
            self.report.append(line)
        if body == DONE_LINE:
            self.done = True
        if self._feed_ktap(body, indent):
            return
        self.diagnostics.append(line)

    def _feed_headline(self, body, indent):
        """Whether the line is one of a panic's headline, which the kernel folds."""
        if PANIC.match(body):
            self.panics.append(body)
            return True
        if self._in_headline and indent == HEADLINE_INDENT and body:
            self.panics[-1] += f" {body}"
            return True
        return False

    def _feed_ktap(self, body, indent):
        if VERSION.match(body):
            self._open_level(indent)
            return True
        plan = PLAN.match(body)
        if plan:
            self._set_plan(indent, int(plan.group(1)))
            return True
        bail_out = BAIL_OUT.match(body)
        if bail_out:
            self.problems.append(f"bailed out: {bail_out.group(1)}".rstrip(": "))
            return True
        result = RESULT.match(body)
        if result and self.top is not None:
            self._add_result(indent, result)
            return True
        return False

    def _open_level(self, indent):
        if self.top is None:
            self.top = Level(indent)
        elif indent > self.top.indent:
            self._close_levels_from(indent)
            self.inner.append(Level(indent))
        else:
            self.problems.append("a second version line: the log holds more than one run")

    def _set_plan(self, indent, planned):
        self._last_result = self._last_result or time.monotonic()
        if self.top is None:
            self.top = Level(indent)
        level = self._level_at(indent)
        if level.planned >= 0:
            self.problems.append(f"a second plan, 1..{planned}, after 1..{level.planned}")
        level.planned = planned

    def _add_result(self, indent, match):
        level = self._level_at(indent)
        negated, number, name, directive, reason = match.groups()
        result = TestResult(int(number), (name or "").strip(), not negated,
                            directive or "", reason or "")
        if result.number != len(level.results) + 1:
            self.problems.append(f"result {result.number} ({result.name}) stands where "
                                 f"{len(level.results) + 1} was due")
        level.results.append(result)
        if level is self.top:
            self._note_time(result)
            self._close_levels_from(0)
            result.output, self.diagnostics = self.diagnostics, []

    def _note_time(self, result):
        now = time.monotonic()
        if self._last_result is not None:
            result.seconds = now - self._last_result
        self._last_result = now

    def _level_at(self, indent):
        if indent <= self.top.indent:
            return self.top
        self._close_levels_from(indent + 1)
        if not self.inner or self.inner[-1].indent < indent:
            self.inner.append(Level(indent))
        return self.inner[-1]

    def _close_levels_from(self, indent):
        while self.inner and self.inner[-1].indent >= indent:
            self._check_plan(self.inner.pop(), "of a subtest")

    def _check_plan(self, level, which):
        if level.planned < 0:
            self.problems.append(f"no plan {which}".rstrip())
        elif level.planned != len(level.results):
            self.problems.append(f"{len(level.results)} of {level.planned} planned results "
                                 f"{which}".rstrip())

    def panicked_with(self, text):
        """Whether the panic report contains `text`, however its lines are broken."""
        return " ".join(text.split()) in " ".join(" ".join(self.report).split())

    def holds(self, text):
        """Whether a line of the log contains `text`."""
        return any(text in line for line in self.lines)

    @property
    def has_plan(self):
        return self.top is not None and self.top.planned >= 0

    @property
    def results(self):
        """The top-level results so far."""
        return self.top.results if self.top else []

    @property
    def failures(self):
        return [result for result in self.results
                if not result.ok and result.directive.upper() != "TODO"]

    def finish(self):
        """The log has ended: checks the plans. Returns the list of problems with its form."""
        self._close_levels_from(0)
        if self.top is not None:
            self._check_plan(self.top, "")
        return self.problems

    def summary(self):
        """One line: how many ran, failed, were skipped, of how many planned."""
        if self.top is None:
            return "no tests"
        skipped = sum(result.skipped for result in self.results)
        text = f"{len(self.results)} of {max(self.top.planned, 0)} tests"
        text += f", {len(self.failures)} failed"
        return text + (f", {skipped} skipped" if skipped else "")


def read_lines(lines):
    """A LogReader that has read all of `lines`."""
    reader = LogReader()
    for line in lines:
        reader.feed(line)
    return reader


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Summarise a Fathom serial log.")
    parser.add_argument("log", help="serial log file, or - for standard input")
    parser.add_argument("--failures", action="store_true", help="print failed tests' output")
    options = parser.parse_args(arguments)

    if options.log == "-":
        reader = read_lines(sys.stdin)
    else:
        with open(options.log, encoding="utf-8", errors="replace") as log:
            reader = read_lines(log)
    problems = reader.finish()
    for failure in reader.failures:
        print(f"not ok {failure.number} {failure.name}")
        if options.failures:
            print("".join(f"    {line}\n" for line in failure.output), end="")
    for line in problems + reader.panics:
        print(line)
    print(reader.summary())
    good = reader.has_plan and not (problems or reader.panics or reader.failures)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
