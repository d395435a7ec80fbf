#!/usr/bin/python3
"""What tools/run says last: at Ctrl-C, after a hang, to a reader that goes away, of several runs.

What would break without it: a run that one has ended says nothing; a failure that has scrolled away
is not told again; the log of the run that failed is replaced by the next one's.
"""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import unittest

from fake_run import GOOD, ROOT, FakeRun

BAD = ("KTAP version 1\n1..2\n# tests/runner/test.hpp:3: left == right\nnot ok 1 - mm: one\n"
       "ok 2 - mm: two\nfathom: done\n")
FOLDED = ("PANIC: rule 4: a preemptible interface was\n       called from an atomic section\n\n"
          "Stack\n")


class RunEnds(FakeRun):
    def on_terminal(self, act, *arguments, log="fathom> ", **more):
        """tools/run on a terminal, whose QEMU hangs; `act(screen)` once something has been shown.
        Returns (status, what was shown, seconds from then on)."""
        note = self.folder / "pid"
        pid, screen = pty.fork()
        if pid == 0:
            os.environ.update(self.environment(log, 0, FAKE_HANG=str(note), **more))
            os.execv(sys.executable, self.command(*arguments))
        text = ""
        begin = None
        while True:
            if begin is None and note.exists() and text:
                time.sleep(1)
                begin = time.monotonic()
                act(screen)
            if select.select([screen], [], [], 0.1)[0]:
                try:
                    text += os.read(screen, 65536).decode(errors="replace")
                except OSError:
                    break
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return status, text.replace("\r\n", "\n"), time.monotonic() - begin

    def test_ctrl_c_ends_a_run_with_a_line_that_says_so_and_where_the_log_is(self):
        log = "KTAP version 1\n1..2\nok 1 mm: one\n# run 2: mm: two\n"
        status, text, _ = self.on_terminal(lambda screen: os.write(screen, b"\x03"), log=log)
        self.assertEqual(status, 130, text)
        self.assertRegex(text, r"  log \S+trial\.log\n")
        self.assertRegex(text, r"(?m)^INTERRUPTED: trial: 1 of 2 tests")
        self.assertNotIn("Traceback", text)

    def test_the_key_that_leaves_the_monitor_leaves_at_once_and_quietly(self):
        status, text, seconds = self.on_terminal(lambda screen: os.write(screen, b"\x1d"),
                                                 "--mode", "monitor")
        self.assertEqual(status, 0, text)
        self.assertLess(seconds, 3)
        self.assertNotIn("terminating on signal", text)

    def test_the_backtrace_of_a_hang_comes_when_the_view_is_done(self):
        note = self.folder / "pid"
        gdb = self.folder / "gdb-multiarch"
        gdb.write_text("#!/bin/sh\necho '#0  f ()'\n")
        gdb.chmod(0o755)
        done = self.run_tool("KTAP version 1\n1..2\nok 1 a: b\n# last words\nno line end", 0,
                             "--timeout", "2", "--view", "tree", FAKE_HANG=str(note))
        words = ("no line end", "--- hung; last lines:", "--- backtrace:", "#0  f ()", "TIMEOUT")
        places = [done.stdout.find(word) for word in words]
        self.assertEqual(places, sorted(places), done.stdout)
        self.assertGreaterEqual(places[0], 0, done.stdout)

    def test_a_reader_that_goes_away_changes_no_verdict(self):
        report = self.folder / "report.json"
        for view in ("raw", "tree"):
            reader, writer = os.pipe()
            os.close(reader)
            with subprocess.Popen(self.command("--view", view, "--json", str(report)),
                                  env=self.environment(BAD, 35), stdin=subprocess.DEVNULL,
                                  stdout=writer, stderr=subprocess.PIPE, text=True) as tool:
                os.close(writer)
                _, errors = tool.communicate()
            self.assertEqual((tool.returncode, errors), (1, ""), view)
            self.assertEqual(json.loads(report.read_text())["status"], "FAILED")
            report.unlink()

    def test_qemus_failure_is_not_said_to_be_the_guests(self):
        done = self.run_tool("", 1, arch="aarch64", FAKE_ERRORS="no RAM\n")
        self.assertIn("QEMU ended with code 1 before the kernel had printed a line", done.stdout)
        self.assertNotIn("exit status", done.stdout)
        self.assertNotIn("first line after", done.stdout)

    def test_a_folded_headline_is_told_whole(self):
        report = self.folder / "report.json"
        done = self.run_tool(FOLDED, 37, "--json", str(report))
        whole = "PANIC: rule 4: a preemptible interface was called from an atomic section"
        self.assertIn(f"  {whole}\n", done.stdout)
        self.assertEqual(json.loads(report.read_text())["panics"], [whole])

    def test_a_failed_test_is_shown_again_at_the_end(self):
        done = self.run_tool(BAD, 35)
        _, _, end = done.stdout.partition("fathom: done")
        for words in ("NOT OK  mm: one", "# tests/runner/test.hpp:3: left == right", ">    3 | ",
                      "again, alone: ", "'test=mm: one'"):
            self.assertIn(words, end)

    def test_several_runs_keep_their_logs_and_end_with_how_many_failed(self):
        report = self.folder / "report.json"
        done = self.run_tool(BAD, 35, "--repeat", "3", "--seed", "7", "--json", str(report))
        self.assertTrue(done.stdout.endswith("3 of 3 runs failed: seeds 7, 8, 9\n"), done.stdout)
        seeds = [json.loads((self.folder / name).read_text())["seed"]
                 for name in ("report.json", "report.seed8.json", "report.seed9.json")]
        self.assertEqual(seeds, [7, 8, 9])
        self.assertTrue((self.folder / "logs" / "trial.seed9.log").exists())
        done = self.run_tool(GOOD, 33, "--repeat", "2")
        self.assertTrue(done.stdout.endswith("none of 2 runs failed\n"), done.stdout)

    def test_what_cannot_be_written_or_is_missing_is_a_sentence(self):
        wrong = str(self.folder / "fathom.elf" / "x")  # below a file
        for arguments in (["--json", wrong], ["--log", wrong], ["--junit", str(self.folder)]):
            done = self.run_tool(GOOD, 33, *arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)
        done = subprocess.run([sys.executable, str(ROOT / "tools" / "run"), "rewind"], text=True,
                              stderr=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done.stderr)

    def test_a_killed_run_says_nothing_of_its_own_signal(self):
        note = self.folder / "pid"
        with subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env=self.environment("x\n", 0, FAKE_HANG=str(note))) as tool:
            self.wait_until(lambda: note.exists() and note.read_text())
            tool.send_signal(signal.SIGTERM)
            self.assertEqual(tool.communicate()[1], b"")


if __name__ == "__main__":
    unittest.main()
