#!/usr/bin/python3
"""The table of sites is exact for its own compiler, and of others demands rules and contexts.

What would break without it: a site that another compiler's code reaches in a new context passes for
a matter of inlining, or inlining passes for a broken table.
"""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))
from prove import golden  # pylint: disable=wrong-import-position

HEAD = golden.COMPILER + "GCC 12.2.0"
CLAIM = "kernel/mm/a.cpp, claim: rule 4, irqs off, window 512, depth 8, gap 0, lazy/preemptible"
BOTH = CLAIM + " kernel/preemptible"
KERNEL = CLAIM.replace("claim", "other").replace("lazy", "kernel").replace("depth 8", "depth -")


class Golden(unittest.TestCase):
    def differences(self, committed, compiler, proved):
        """What compare() says of a proof whose table is `proved`."""
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join([HEAD, *committed]))
            file.flush()
            table = [golden.COMPILER + compiler, *proved]
            with mock.patch.object(golden, "lines_of", lambda report, name: table):
                return golden.compare(None, compiler, file.name)

    def test_its_own_compiler_must_have_each_line(self):
        self.assertEqual(self.differences([CLAIM], "GCC 12.2.0", [CLAIM]), [])
        deeper = CLAIM.replace("depth 8", "depth 16")
        self.assertEqual(self.differences([CLAIM], "GCC 12.2.0", [deeper]),
                         ["- " + CLAIM, "+ " + deeper])

    def test_another_may_go_deeper_and_inline_elsewhere(self):
        self.assertEqual(self.differences([BOTH], "clang", [CLAIM.replace("8", "96"), KERNEL]), [])

    def test_another_level_of_the_same_compiler_is_another(self):
        self.assertEqual(self.differences([BOTH], "GCC 12.2.0 -O3", [CLAIM, KERNEL]), [])

    def test_another_may_leave_out_what_nothing_reaches(self):
        unreached = CLAIM.replace("mm/a.cpp", "mm/b.cpp").replace("lazy/preemptible",
                                                                  "never-reached")
        self.assertEqual(self.differences([CLAIM, unreached], "clang", [CLAIM]), [])

    def test_no_other_may_reach_a_new_context_or_lose_a_rule(self):
        self.assertNotEqual(self.differences([CLAIM], "clang", [BOTH]), [])
        self.assertNotEqual(self.differences([CLAIM], "clang",
                                             [CLAIM.replace("rule 4", "rule 5")]), [])


TABLES = sorted((pathlib.Path(__file__).resolve().parents[2] / "data" / "sites").glob("*.txt"))


class Committed(unittest.TestCase):
    """What the committed tables may say. That the kernel says the same: prove.*.golden."""

    def lines(self):
        for table in TABLES:
            lines = table.read_text(encoding="utf-8").splitlines()
            yield [line for line in lines if line[0] != "#"]

    def test_there_is_one_for_each_architecture(self):
        self.assertEqual([table.stem for table in TABLES], ["aarch64", "x86_64"])

    def test_what_is_unknown_until_run_time_is_a_tenth_at_most(self):
        for lines in self.lines():
            unknown = sum(": rule 5, " in line for line in lines)
            self.assertLessEqual(unknown * 10, len(lines))

    def test_no_site_is_reached_in_a_context_that_is_not_known(self):
        for lines in self.lines():
            self.assertEqual([line for line in lines if "unknown" in line or
                              not line.rpartition("gap ")[2].partition(", ")[2]], [])


if __name__ == "__main__":
    unittest.main()
