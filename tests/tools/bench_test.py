#!/usr/bin/python3
"""The benchmarks' host side: rows are read from a log, and a regression is told from noise.

What would break without it: make bench BASE=... passes whatever happens.
"""

import unittest

from bench.regressions import regressions
from bench.rows import read_rows

LOG = """Fathom: PVH boot, 1 CPU, stack policy rules
figure: yield_alone 50 instructions
figure: threads_1m 39214 threads
a figure: not one 1 instructions
"""


def row(value, unit="instructions", name="yield_alone"):
    return {"arch": "x86_64", "policy": "rules", "name": name, "value": value, "unit": unit}


class Rows(unittest.TestCase):
    def test_figures_are_read_with_their_policy(self):
        self.assertEqual(list(read_rows("x86_64", 1, LOG)),
                         [row(50), row(39214, "threads", "threads_1m_in_256m")])

    def test_a_row_of_several_cpus_says_so(self):
        self.assertEqual([found["name"] for found in read_rows("x86_64", 4, LOG)],
                         ["yield_alone.4", "threads_1m.4"])


class Regressions(unittest.TestCase):
    def test_two_per_cent_are_allowed_and_no_more(self):
        self.assertEqual(regressions([row(102)], [row(100)]), [])
        self.assertEqual(regressions([row(103)], [row(100)]),
                         ["x86_64 yield_alone: 100 -> 103 instructions"])

    def test_fewer_threads_are_worse(self):
        self.assertEqual(regressions([row(120, "threads")], [row(100, "threads")]), [])
        self.assertEqual(len(regressions([row(97, "threads")], [row(100, "threads")])), 1)

    def test_what_any_change_moves_is_left_out(self):
        for name in ("yield_alone.worst", "all_yield.4"):
            self.assertEqual(regressions([row(9, name=name)], [row(1, name=name)]), [])

    def test_a_new_row_has_nothing_to_be_compared_with(self):
        self.assertEqual(regressions([row(5, name="new")], [row(1)]), [])


if __name__ == "__main__":
    unittest.main()
