#!/usr/bin/python3
"""Labs are started and left, and nothing of a student's is lost.

What would break without it: a lab that overwrites what somebody has changed, work that is gone when
it is wanted again, a message that tells a student nothing.
"""

import unittest

from labs_repository import FAULT, LabsTest, commit, run

NOTHING_GONE = "Nothing has been changed"


class Starting(LabsTest):
    def test_a_lab_says_what_to_read_and_what_to_change(self):
        said = self.labs("start", "1")
        self.assertIn("labs/1-populate-on-first-touch/README.md", said)
        self.assertIn(FAULT, said)
        self.assertIn("Lab 1", self.text(FAULT))

    def test_make_starts_and_leaves_it(self):
        (self.tree / "build").mkdir()
        (self.tree / "build" / ".packages").touch()
        said = run("make", "--no-print-directory", "lab", "N=3", folder=self.tree).stdout
        self.assertEqual(said, "lab 3: A prefault for one site\nread labs/3-a-prefault-for-one-"
                         "site/README.md, and change\n  kernel/sync/semaphore.cpp\n"
                         "then: make grade\n")
        self.assertIn("lab 3 is left",
                      run("make", "--no-print-directory", "lab", "N=0", folder=self.tree).stdout)

    def test_a_number_that_is_no_lab_is_refused_with_those_that_are(self):
        for number in ("9", "abc", "-1", "1*", "../1"):
            said = self.labs("start", "--", number, status=2)
            self.assertIn(f"there is no lab {number}; there are 1, 2,", said)
        self.assertIn("which lab?", self.labs("start", "", status=2))
        self.assertIn("no lab is under way", self.labs("grade", status=2))
        self.assertIn("no lab is under way", self.labs("start", "0", status=2))

    def test_what_has_been_changed_is_not_overwritten(self):
        self.change(FAULT, "namespace fathom::mm {", "namespace fathom::mm {  // mine")
        before = self.text(FAULT)
        self.assertIn(NOTHING_GONE, self.labs("start", "1", status=2))
        self.assertEqual(self.text(FAULT), before)

    def test_a_patch_that_does_not_fit_changes_nothing(self):
        self.change(FAULT, "switch (ThreadStack::at(place).install(address, irqs)) {",
                    "switch (ThreadStack::at(place).install(address,  irqs)) {")
        commit(self.tree)
        said = self.labs("start", "1", status=2)
        self.assertIn("task.patch does not fit", said)
        self.assertEqual(run("git", "status", "--short", "-uno", folder=self.tree).stdout, "")

    def test_one_lab_at_a_time_and_leaving_keeps_the_work(self):
        before = self.text(FAULT)
        self.labs("start", "1")
        self.assertIn("lab 1 is under way", self.labs("start", "2", status=2))
        self.change(FAULT, "// Lab 1", "// my lab 1")
        mine = self.text(FAULT)
        said = self.labs("start", "0")
        self.assertIn("labs/.mine/lab-1-1.patch\nmake lab N=1 RESUME=1", said)
        self.assertEqual(self.text(FAULT), before)
        self.assertIn("make lab N=1 RESUME=1 takes it up", self.labs("start", "1"))
        self.assertNotEqual(self.text(FAULT), mine)
        self.assertEqual(run("git", "apply", "labs/.mine/lab-1-1.patch",
                             folder=self.tree).returncode, 0)
        self.assertEqual(self.text(FAULT), mine)

    def test_a_lab_is_taken_up_again_where_it_was_left(self):
        self.labs("start", "1")
        for word in ("once", "twice"):  # the latest counts
            self.change(FAULT, "// Lab 1", f"// {word}, lab 1")
            mine = self.text(FAULT)
            self.labs("leave")
            self.labs("start", "1")
        said = self.labs("start", "1", "--resume")  # nothing has been done in it yet
        self.assertIn("with your answer of labs/.mine/lab-1-2.patch", said)
        self.assertEqual(self.text(FAULT), mine)
        self.labs("start", "1", "--resume", status=2)  # it has, now
        self.labs("leave")
        self.labs("start", "1", "--resume")
        self.assertEqual(self.text(FAULT), mine)
        self.labs("leave")
        self.assertIn("no answer to lab 3 is kept", self.labs("start", "3", "--resume", status=2))

    def test_make_clean_leaves_the_work(self):
        self.labs("start", "1")
        self.change(FAULT, "// Lab 1", "// my lab 1")
        mine = self.text(FAULT)
        run("make", "clean", folder=self.tree)
        self.labs("leave")
        run("make", "clean", folder=self.tree)
        (self.tree / "build").mkdir()
        (self.tree / "build" / ".packages").touch()
        run("make", "lab", "N=1", "RESUME=1", folder=self.tree)
        self.assertEqual(self.text(FAULT), mine)
        self.assertEqual(run("git", "status", "--short", folder=self.tree).stdout.split(),
                         ["M", "kernel/mm/first_touch.hpp", "M", FAULT])

    def test_a_kept_answer_that_does_not_fit_any_more_changes_nothing(self):
        self.labs("start", "1")
        self.change(FAULT, "// Lab 1", "// my lab 1")
        self.labs("leave")
        self.change("labs/1-populate-on-first-touch/task.patch", "// Lab 1: put", "// Lab 1: lay")
        said = self.labs("start", "1", "--resume", status=2)
        self.assertIn("lab-1-1.patch does not fit", said)
        self.assertEqual(run("git", "status", "--short", "kernel", folder=self.tree).stdout, "")
        self.assertIn("no lab is under way", self.labs("leave", status=2))

    def test_without_git_it_says_so(self):
        git = self.tree / ".git"
        self.addCleanup(git.with_name("put-aside").rename, git)
        git.rename(git.with_name("put-aside"))
        self.assertIn("labs need a clone", self.labs("start", "1", status=2))
        self.assertNotIn("Lab 1", self.text(FAULT))


if __name__ == "__main__":
    unittest.main()
