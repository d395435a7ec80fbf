#!/usr/bin/python3
"""The live tree says what the log says, within the terminal's width, without colours where none are
wanted; and what it says to type does type the same run.

What would break without it: a failure that is told by its colour alone, lines that wrap at 80
columns, a replay command that forgets the seed, progress that garbles a file.
"""

import io
import os
import pathlib
import re
import shlex
import tempfile
import unittest
from unittest import mock

import log_filter
import terminal
from read_log import read_lines
from run import campaign, live, options as run_options, replay, source_context, test_list
from run.options import RunOptions

LONG = "a name that is so long that it does not fit beside its costs, whatever one does with it"
LOG = f"""Fathom: hello
KTAP version 1
1..4
# run 1: mm: one
# 1234567 cycles
ok 1 - mm: one
# run 2: mm: {LONG}
# tests/runner/test.hpp:3: left == right, and more is said of both than fits into one line of it
#   left:  1
# 812 cycles
not ok 2 - mm: {LONG}
# run 3: sched: three
ok 3 - sched: three # SKIP needs two CPUs
# run 4: sched: four
PANIC: broken rule
  in somewhere
"""


class Terminal(io.StringIO):
    def isatty(self):
        return True


def show(stream, log=LOG, columns="80", **environment):
    """What a view writes to a stream for a log that comes in portions."""
    settings = {"COLUMNS": columns, "LINES": "24", "TERM": "xterm", **environment}
    with mock.patch.dict(os.environ, settings):
        if "NO_COLOR" not in environment:
            os.environ.pop("NO_COLOR", None)
        view = live.LiveView(RunOptions(seed=7, smp=4, build=pathlib.Path("build/x")), stream)
        data = log.encode()
        for at in range(0, len(data), 13):
            view.feed(data[at:at + 13])
        view.finish()
    return stream.getvalue()


def printed(text):
    """The lines that stay on a terminal: without escapes and overwritten progress."""
    text = re.sub(r"\r\x1b\[K[^\n\r]*(?=\r)", "", text)
    return re.sub(r"\x1b\[[0-9;]*[mK]|\r", "", text).splitlines()


class Tree(unittest.TestCase):
    def test_plain_text_has_words_for_everything(self):
        text = show(io.StringIO())
        self.assertNotIn("\x1b", text)
        for wanted in ("tests: 4 planned", "  ok      one", "1.2 M", "  NOT OK  a name",
                       "  skip    three", "(needs two CPUs)", "#   left:  1", "PANIC: broken rule"):
            self.assertIn(wanted, text)

    def test_no_line_is_wider_than_the_terminal_but_a_word_too_long_for_it(self):
        lines = printed(show(Terminal()))
        self.assertTrue(any(line.endswith(" \\") for line in lines))
        for line in lines:
            if len(line) > 80:
                self.assertEqual(len(shlex.split(line)), 1, line)

    def test_a_folded_command_is_still_the_same_command(self):
        command = replay.command(RunOptions(build=pathlib.Path("b"), seed=7), f"mm: it's {LONG}")
        for columns in range(40, 160, 7):
            folded = terminal.fold_command("  again: ", command, columns)
            self.assertEqual(shlex.split(folded.replace("\\\n", ""))[1:], shlex.split(command))
        self.assertEqual(terminal.fold_command("  again: ", command, None), "  again: " + command)

    def test_only_what_is_too_long_is_folded_or_clipped(self):
        self.assertEqual(terminal.fold("one two three", 9, "  "), "one two\n  three")
        self.assertEqual(terminal.fold("one   two", 9, "  "), "one   two")
        self.assertEqual(terminal.clip("one two", 7), "one two")
        self.assertEqual(terminal.clip("one two", 6), "one t\u2026")

    def test_the_failing_source_line_stands_in_its_context(self):
        text = show(io.StringIO())
        self.assertRegex(text, r">    3 \| //     KERNEL_TEST\(")
        self.assertRegex(text, r" {6}2 \| //\n")

    def test_colours_only_on_a_terminal_that_wants_them(self):
        self.assertIn("\x1b[1;31mNOT OK", show(Terminal()))
        self.assertNotIn("\x1b[1;31m", show(Terminal(), NO_COLOR="1"))
        self.assertNotIn("\x1b[1;31m", show(Terminal(), TERM="dumb"))

    def test_progress_counts_over_the_plan_and_goes_away(self):
        text = show(Terminal())
        self.assertIn("2/4, 1 FAILED  sched: three", text)
        self.assertTrue(text.endswith("\r\x1b[K"), text[-40:])

    def test_auto_means_the_tree_on_a_terminal_only(self):
        self.assertTrue(live.wants_tree("auto", Terminal()))
        self.assertFalse(live.wants_tree("auto", io.StringIO()))
        self.assertTrue(live.wants_tree("tree", io.StringIO()))
        self.assertFalse(live.wants_tree("raw", Terminal()))

    def test_a_place_that_is_not_there_has_no_excerpt(self):
        self.assertEqual(source_context.excerpt("# tests/nowhere.cpp:3: x"), [])
        self.assertEqual(source_context.excerpt("# README.md is nice"), [])

    def test_source_lines_of_a_panic_stand_below_their_place_where_there_is_no_room_beside_it(self):
        line = "  #0   0xffffffff80100000  f +0x1"
        with mock.patch("log_filter.Lines") as lines:
            lines.return_value.places.return_value = [("/a/place.cpp", 3)]
            lines.return_value.source.return_value = "x" * 90
            _, wide = log_filter.LogFilter("elf").feed(line)
            _, narrow = log_filter.LogFilter("elf", 80).feed(line)
        self.assertEqual(wide.split(), ["/a/place.cpp:3", "x" * 90])
        self.assertRegex(narrow, r"^ +/a/place.cpp:3\n +x+\u2026$")
        self.assertEqual(max(len(part) for part in narrow.split("\n")), 80)


class Replay(unittest.TestCase):
    def test_the_command_gives_back_the_options(self):
        options = RunOptions(arch="aarch64", build=run_options.ROOT / "build" / "aarch64-bare",
                             smp=4, mem="1G", seed=9, gic=3, args="run=tests 'test=mm: *'",
                             real_time=True, qemu_args=["-d", "int"])
        words = shlex.split(replay.command(options))
        self.assertEqual(words[:2], ["/usr/bin/python3", "tools/run"])
        again = RunOptions(**vars(run_options.make_parser().parse_args(words[2:])))
        for name in ("arch", "smp", "mem", "seed", "gic", "args", "real_time", "boot",
                     "qemu_args"):
            self.assertEqual(getattr(again, name), getattr(options, name), name)
        self.assertEqual(again.build, pathlib.Path("build/aarch64-bare"))

    def test_one_test_alone_is_named_whole(self):
        words = shlex.split(replay.command(RunOptions(build=pathlib.Path("b")), "mm: it's, a"))
        self.assertEqual(shlex.split(words[words.index("--args") + 1]),
                         ["run=tests", "test=mm: it's, a"])


class Campaign(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.build = pathlib.Path(self.scratch.name)

    def test_failed_tests_are_kept_until_they_pass(self):
        log = "1..2\nnot ok 1 a: x\nnot ok 2 a: y"
        campaign.note_failed(self.build, read_lines(log.split("\n")))
        self.assertEqual(campaign.read_failed(self.build), ["a: x", "a: y"])
        campaign.note_failed(self.build, read_lines("1..1\nok 1 a: x".split("\n")))
        runs = campaign.plan(RunOptions(build=self.build, failed=True, args="trace=off"))
        self.assertEqual([one.args for one in runs], ["run=tests 'test=a: y' trace=off"])

    def test_repetitions_take_the_next_seed_and_stop_at_a_failure(self):
        seeds = []

        def run_once(options):
            seeds.append(options.seed)
            return 1 if len(seeds) == 3 else 0

        self.assertEqual(campaign.execute(RunOptions(repeat=2, seed=5), run_once), 0)
        self.assertEqual(seeds, [5, 6])
        seeds.clear()
        self.assertEqual(campaign.execute(RunOptions(until_fail=True), run_once), 1)
        self.assertEqual(seeds, [None, 1, 2])

    def test_globs_choose_by_the_whole_sentence(self):
        tests = [test_list.KernelTest("mm: a", "f", 1), test_list.KernelTest("sched: b", "f", 2)]
        self.assertEqual([test.name for test in test_list.matching(tests, "mm*")], ["mm: a"])
        self.assertEqual([test.name for test in test_list.matching(tests, "mm: ?")], ["mm: a"])

    def test_brackets_are_themselves_as_in_the_kernel(self):
        tests = [test_list.KernelTest("mm: a", "f", 1), test_list.KernelTest("mm: [ab]!", "f", 2)]
        self.assertEqual([test.name for test in test_list.matching(tests, "mm: [ab]*")],
                         ["mm: [ab]!"])


if __name__ == "__main__":
    unittest.main()
