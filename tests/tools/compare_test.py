#!/usr/bin/python3
"""The comparison: a row is held against its bar and the best of the others.

What would break without it: a bar that is missed is shown as held.
"""

import pathlib
import tempfile
import unittest

from compare import html_page, judge, loads, table
from compare.policies import POLICIES

HEADERS = pathlib.Path(__file__).resolve().parents[2] / "kernel" / "context" / "policies"


def row(policy, name, value, arch="x86_64", unit="instructions"):
    return {"arch": arch, "policy": policy, "name": name, "value": value, "unit": unit}


ROWS = [row("rules", "mutex_pair", 8), row("eager", "mutex_pair", 8),
        row("rules", "malloc_free_64", 75), row("rules", "yield_alone", 64, "aarch64"),
        row("rules", "threads_1m_in_256m", 100, unit="threads"),
        row("switch_in", "yield_switch", 120)]


class Policies(unittest.TestCase):
    def test_each_is_compared_and_says_its_lesson_its_legality_and_where_it_is_from(self):
        self.assertEqual({path.stem for path in HEADERS.glob("*.hpp")} - {"defaults"},
                         {policy.name for policy in POLICIES})
        for policy in POLICIES:
            text = (HEADERS / f"{policy.name}.hpp").read_text(encoding="utf-8")
            for part in ("Lesson:", "Legality:", "Literature:"):
                self.assertIn(part, text, policy.name)
            self.assertEqual("UNSOUND" in text, not policy.sound, policy.name)


class Judging(unittest.TestCase):
    def judged(self):
        return {(one.name, one.arch): one for one in judge.judge(ROWS)}

    def test_the_bar_and_the_best_other_both_count(self):
        judged = self.judged()
        self.assertTrue(judged["mutex_pair", "x86_64"].holds)
        self.assertFalse(judged["malloc_free_64", "x86_64"].holds)  # its bar
        self.assertFalse(judged["yield_alone", "aarch64"].holds)  # NuttX
        self.assertEqual(judged["yield_alone", "aarch64"].peer, "NuttX")

    def test_of_threads_more_is_better(self):
        self.assertEqual(self.judged()["threads_1m_in_256m", "x86_64"].best, 6400)
        self.assertEqual(self.judged()["threads_1m_in_256m", "x86_64"].missing, 29_900)
        self.assertFalse(self.judged()["threads_1m_in_256m", "x86_64"].holds)

    def test_other_policies_are_not_judged(self):
        self.assertNotIn(("yield_switch", "x86_64"), self.judged())


class Loads(unittest.TestCase):
    def loads(self, arch, *values):
        rows = [row(policy, "yield_switch", value, arch)
                for policy, value in zip(("eager", "rules"), values, strict=True)]
        return loads.additions(rows)[0].loads

    def test_a_load_is_one_instruction_or_two(self):
        self.assertEqual(self.loads("x86_64", 83, 84), 1)
        self.assertEqual(self.loads("aarch64", 102, 104), 1)
        self.assertEqual(self.loads("aarch64", 75, 75), 0)

    def test_what_no_loads_explain_is_not_called_loads(self):
        self.assertIsNone(self.loads("x86_64", 155, 152))
        self.assertIsNone(self.loads("aarch64", 102, 105))
        self.assertIsNone(self.loads("x86_64", 240, 423))


class Output(unittest.TestCase):
    def test_the_table_has_a_column_for_each_policy_that_was_measured(self):
        head = table.text(ROWS).splitlines()[0].split()
        self.assertEqual(head, ["x86_64", "eager", "rules", "switch_in"])

    def test_the_page_shows_rows_and_verdicts(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "compare.html"
            html_page.write(ROWS, path)
            text = path.read_text(encoding="utf-8")
        self.assertIn('<td class="number">8</td>', text)
        self.assertIn("<p>3 rows miss.</p>", text)
        self.assertIn("<p>1 row misses.</p>", html_page.verdicts(ROWS[3:4]))
        for part in ("mutex_pair", "misses", "NuttX", "not comparable", "unsound"):
            self.assertIn(part, text)


if __name__ == "__main__":
    unittest.main()
