#!/usr/bin/python3
"""tools/run from outside: each way in which a run can end gets its status and exit code.

A program in QEMU's place prints a canned log and ends as told, so each end can be had at will.

What would break without it: a crash, a hang or a QEMU that never started would count as passed.
"""

import json
import pathlib
import signal
import unittest
from xml.etree import ElementTree

from fake_run import GOOD, ROOT, FakeRun


class Run(FakeRun):
    def expect(self, status, done):
        self.assertIn(f"{status}: trial", done.stdout)
        self.assertEqual(done.returncode, 0 if status == "PASSED" else 1, done.stdout)

    def test_a_good_run_passes_and_shows_its_log(self):
        done = self.run_tool(GOOD, 33)
        self.expect("PASSED", done)
        self.assertIn("ok 2 mm: two", done.stdout)
        self.assertEqual((self.folder / "logs" / "trial.log").read_text(), GOOD)

    def test_the_same_log_without_the_guests_status_has_crashed(self):
        self.expect("CRASHED", self.run_tool(GOOD, 0))

    def test_a_failed_test_fails_even_if_the_guest_says_passed(self):
        self.expect("FAILED", self.run_tool(GOOD.replace("ok 2", "not ok 2"), 33))

    def test_a_guest_that_says_failed_fails_even_if_the_log_is_good(self):
        self.expect("FAILED", self.run_tool(GOOD, 35))

    def test_an_incomplete_plan_fails(self):
        self.expect("FAILED", self.run_tool(GOOD.replace("1..2", "1..3"), 33))

    def test_jobs_alone_pass_by_their_closing_line(self):
        self.expect("PASSED", self.run_tool("search: 3 matches\nfathom: done\n", 33))
        self.expect("FAILED", self.run_tool("search: 3 matches\n", 33))

    def test_a_panic_is_a_crash(self):
        self.expect("CRASHED", self.run_tool(GOOD + "PANIC: heap\n", 37))
        self.expect("CRASHED", self.run_tool(GOOD + "PANIC: heap\n", 33))
        self.expect("CRASHED", self.run_tool(GOOD, 2, arch="aarch64"))

    def test_an_expected_panic_passes_and_another_one_does_not(self):
        log = "PANIC: rule 4: called from\n       an atomic section\n"
        expect = ["--expect-panic", "called from an atomic section"]
        self.expect("PASSED", self.run_tool(log, 37, *expect))
        self.expect("PASSED", self.run_tool(log, 2, *expect, arch="aarch64"))
        self.expect("FAILED", self.run_tool(log, 33, *expect))
        self.expect("FAILED", self.run_tool(log, 37, "--expect-panic", "rule 3"))
        self.expect("FAILED", self.run_tool("PANIC: a\nPANIC: again, called from an atomic section",
                                            37, *expect))
        self.expect("FAILED", self.run_tool(GOOD, 33, *expect))

    def test_bad_input_that_is_reported_passes_where_it_is_expected(self):
        log = "input: the archive ends inside sub/a.txt\n"
        expect = ["--expect-failed", "--expect-log", "ends inside"]
        self.expect("PASSED", self.run_tool(log, 35, *expect))
        self.expect("FAILED", self.run_tool(log, 33, *expect))
        self.expect("FAILED", self.run_tool("input: no\n", 35, *expect))
        self.expect("CRASHED", self.run_tool(log, 37, *expect))
        self.expect("FAILED", self.run_tool(GOOD, 33, "--expect-log", "ok 3"))

    def test_qemus_own_failure_is_told_apart_and_its_words_are_shown(self):
        done = self.run_tool("", 1, FAKE_ERRORS="unknown option\n")
        self.expect("QEMU-FAILED", done)
        self.assertIn("qemu: unknown option", done.stderr)
        self.expect("QEMU-FAILED", self.run_tool("", 1, arch="aarch64", FAKE_ERRORS="no RAM\n"))
        self.expect("QEMU-FAILED", self.run_tool(GOOD, -signal.SIGSEGV))

    def test_a_hang_ends_in_a_timeout_and_leaves_no_process(self):
        note = self.folder / "pid"
        done = self.run_tool("last words\n", 0, "--timeout", "2", FAKE_HANG=str(note))
        self.expect("TIMEOUT", done)
        self.assertIn("--- hung; last lines:", done.stdout)
        self.assertFalse(pathlib.Path(f"/proc/{note.read_text()}").exists())

    def test_a_killed_run_leaves_no_process(self):
        for kind in (signal.SIGTERM, signal.SIGKILL):
            note = self.folder / f"pid{kind}"
            with self.hanging_run(note) as tool:
                tool.send_signal(kind)
            self.wait_until(lambda n=note: not is_alive(n.read_text()))
            pointer_of(note).unlink(missing_ok=True)

    def test_junit_has_a_case_for_each_test_and_one_for_the_run(self):
        report = self.folder / "report.xml"
        log = "KTAP version 1\n1..3\nok 1 a\n# 1 != 2 \x01\nnot ok 2 b\nok 3 c # SKIP no\n"
        self.run_tool(log, 35, "--junit", str(report))
        suite = ElementTree.parse(report).getroot()
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")),
                         ("4", "2", "1"))
        failed = [case.get("name") for case in suite if case.find("failure") is not None]
        self.assertEqual(failed, ["run", "b"])

    def test_quiet_prints_the_log_of_a_failed_run_only(self):
        self.assertNotIn("ok 1", self.run_tool(GOOD, 33, "--quiet").stdout)
        self.assertIn("ok 1", self.run_tool(GOOD, 35, "--quiet").stdout)

    def test_a_run_leaves_a_note_for_attaching_while_it_runs(self):
        note = self.folder / "pid"
        with self.hanging_run(note) as tool:
            pointer = pointer_of(note)
            self.wait_until(pointer.exists)
            self.assertEqual(json.loads(pointer.read_text())["elf"],
                             str(self.folder / "fathom.elf"))
            tool.terminate()
        self.assertFalse(pointer.exists())


def pointer_of(note):
    """The file by which `make attach-x86` finds the run whose QEMU wrote `note`."""
    return ROOT / "build" / "runs" / f"x86_64.{note.read_text()}.json"


def is_alive(pid):
    """Whether a process of this id exists and is no zombie."""
    try:
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    unittest.main()
