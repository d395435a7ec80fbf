#!/usr/bin/python3
"""tools/same_log.py: when a run counts as repeated.

What would break without it: a kernel that does not repeat would pass, or a busy host fail a kernel
that does.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import same_log  # pylint: disable=wrong-import-position


def boots(*logs):
    """A boot that leaves these logs, one after another."""
    rest = iter(logs)

    def boot(path):
        path.write_text(next(rest), encoding="utf-8")
        return []
    return boot


class SameLog(unittest.TestCase):
    def test_two_runs_that_agree_are_enough(self):
        self.assertEqual(same_log.trouble_of(boots("a\n", "a\n")), [])

    def test_a_run_that_the_host_moved_does_not_count(self):
        self.assertEqual(same_log.trouble_of(boots("a\n", "b\n", "a\n")), [])

    def test_a_kernel_that_never_repeats_is_named_with_the_line(self):
        trouble = same_log.trouble_of(boots(*(f"same\n{run}\n" for run in "1234")))
        self.assertEqual(trouble, ["4 runs gave 4 logs", "line 2 differs:", "  3", "  4"])

    def test_a_longer_log_is_another_log(self):
        trouble = same_log.trouble_of(boots("a\n", "a\nb\n", "a\nb\nc\n", "a\nb\nc\nd\n"))
        self.assertEqual(trouble[1], "one log is longer: 6 and 8 bytes")

    def test_a_bad_run_ends_it(self):
        self.assertEqual(same_log.trouble_of(lambda path: ["panic"]), ["panic"])


if __name__ == "__main__":
    unittest.main()
