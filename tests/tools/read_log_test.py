#!/usr/bin/python3
"""The log reader takes a run as complete only if it is.

What would break without it: a log that ends early, counts wrongly or holds two runs would pass.
"""

import unittest

from read_log import read_lines


def read(text):
    """A finished reader and the problems it found."""
    reader = read_lines(text.splitlines())
    return reader, reader.finish()


class ReadLog(unittest.TestCase):
    def test_a_complete_log_has_no_problems(self):
        reader, problems = read("SeaBIOS\nKTAP version 1\n1..2\nok 1 mm: one\nok 2 mm: two\n")
        self.assertEqual(problems, [])
        self.assertEqual([result.name for result in reader.results], ["mm: one", "mm: two"])
        self.assertEqual(reader.failures, [])

    def test_a_failure_keeps_the_lines_before_it(self):
        reader, _ = read("KTAP version 1\n1..2\nok 1 a\n# expected 1, got 2\nnot ok 2 b\n")
        self.assertEqual([failure.name for failure in reader.failures], ["b"])
        self.assertEqual(reader.failures[0].output, ["# expected 1, got 2"])

    def test_a_log_that_ends_early_is_incomplete(self):
        _, problems = read("KTAP version 1\n1..3\nok 1 a\n")
        self.assertEqual(problems, ["1 of 3 planned results"])

    def test_results_without_a_plan_are_a_problem(self):
        _, problems = read("KTAP version 1\nok 1 a\n")
        self.assertEqual(problems, ["no plan"])

    def test_a_missing_number_is_a_problem(self):
        _, problems = read("KTAP version 1\n1..2\nok 1 a\nok 3 c\n")
        self.assertEqual(problems, ["result 3 (c) stands where 2 was due"])

    def test_more_results_than_planned_are_a_problem(self):
        _, problems = read("KTAP version 1\n1..1\nok 1 a\nok 2 b\n")
        self.assertEqual(problems, ["2 of 1 planned results"])

    def test_two_runs_in_one_log_are_a_problem(self):
        _, problems = read("KTAP version 1\n1..1\nok 1 a\nKTAP version 1\n1..1\nok 1 a\n")
        self.assertIn("a second version line: the log holds more than one run", problems)
        self.assertIn("a second plan, 1..1, after 1..1", problems)

    def test_bailing_out_is_a_problem(self):
        _, problems = read("KTAP version 1\n1..1\nBail out! no memory\nok 1 a\n")
        self.assertEqual(problems, ["bailed out: no memory"])

    def test_skipped_and_todo_results_are_no_failures(self):
        reader, problems = read("KTAP version 1\n1..2\nok 1 a # SKIP one CPU\nnot ok 2 b # TODO\n")
        self.assertEqual((problems, reader.failures), ([], []))
        self.assertTrue(reader.results[0].skipped)
        self.assertEqual(reader.results[0].reason, "one CPU")
        self.assertEqual(reader.summary(), "2 of 2 tests, 0 failed, 1 skipped")

    def test_subtests_count_through_their_parent(self):
        reader, problems = read("KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n"
                                "  ok 1 x\n  ok 2 y\nok 1 parent\n")
        self.assertEqual(problems, [])
        self.assertEqual([result.name for result in reader.results], ["parent"])

    def test_a_missing_subtest_is_a_problem(self):
        _, problems = read("KTAP version 1\n1..1\n  1..2\n  ok 1 x\nok 1 parent\n")
        self.assertEqual(problems, ["1 of 2 planned results of a subtest"])

    def test_a_name_may_hold_what_looks_like_syntax(self):
        reader, _ = read("KTAP version 1\n1..1\nok 1 sync: 1..2 is ok: 3 - 4\n")
        self.assertEqual(reader.results[0].name, "sync: 1..2 is ok: 3 - 4")

    def test_escape_sequences_and_carriage_returns_are_dropped(self):
        reader, problems = read("\x1b[2J\x1b[01;01HKTAP version 1\r\n1..1\r\nok 1 a\r\n")
        self.assertEqual((problems, len(reader.results)), ([], 1))

    def test_prose_before_the_version_line_is_no_result(self):
        reader, problems = read("ok 1 is what GRUB said\nKTAP version 1\n1..1\nok 1 a\n")
        self.assertEqual((problems, [result.name for result in reader.results]), ([], ["a"]))

    def test_a_panic_is_found_by_its_headline_and_matched_across_line_breaks(self):
        reader, _ = read("KTAP version 1\n1..1\n\nPANIC: rule 4: a preemptible interface was\n"
                         "       called from an atomic section\n")
        self.assertEqual(len(reader.panics), 1)
        self.assertTrue(reader.panicked_with("interface was called from"))
        self.assertFalse(reader.panicked_with("rule 3"))

    def test_talk_of_a_panic_is_no_panic(self):
        reader, _ = read("ok: the test expects PANIC: in another boot\nfathom: done\n")
        self.assertEqual(reader.panics, [])
        self.assertTrue(reader.done)


if __name__ == "__main__":
    unittest.main()
