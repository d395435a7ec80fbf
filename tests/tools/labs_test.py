#!/usr/bin/python3
"""The labs' tools: nothing of a student's is lost, and points come from the kernel alone.

What would break without it: a lab that overwrites what somebody has changed, a grade that edited
tests or tools can buy, a message that tells a student nothing.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAULT = "kernel/mm/page_fault.cpp"
FIRST_TOUCH_TEST = "tests/kernel/mm/first_touch_test.cpp"
NOTHING_GONE = "Nothing has been changed"


def run(*command, folder):
    return subprocess.run([str(word) for word in command], cwd=folder, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def copy_of_the_project(folder):
    """A repository with one commit, of the files as they are."""
    names = run("git", "ls-files", "--cached", "--others", "--exclude-standard",
                folder=ROOT).stdout.split("\n")
    for name in names:
        if name and not name.startswith("tests/fuzz/corpus/") and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    run("git", "init", "-q", folder=folder)
    commit(folder)
    run("git", "tag", "first", folder=folder)


def commit(folder):
    run("git", "add", "-A", folder=folder)
    run("git", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "all", folder=folder)


class LabsTest(unittest.TestCase):
    """Each test begins with a clean repository."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="fathom-labs-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.tree = pathlib.Path(folder.name) / "tree"
        cls.tree.mkdir()
        copy_of_the_project(cls.tree)

    def setUp(self):
        run("git", "reset", "-q", "--hard", "first", folder=self.tree)
        shutil.rmtree(self.tree / "build", ignore_errors=True)

    def labs(self, *arguments, status=0):
        """What tools/labs of that repository says."""
        done = run(sys.executable, self.tree / "tools" / "labs", *arguments, folder=self.tree)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def change(self, name, old, new):
        path = self.tree / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new), encoding="utf-8")

    def text(self, name):
        return (self.tree / name).read_text(encoding="utf-8")


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
        self.assertIn("build/labs/lab-1-1.patch", said)
        self.assertEqual(self.text(FAULT), before)
        self.assertEqual(run("git", "apply", "build/labs/lab-1-1.patch",
                             folder=self.tree).returncode, 0)
        self.assertEqual(self.text(FAULT), mine)

    def test_without_git_it_says_so(self):
        git = self.tree / ".git"
        self.addCleanup(git.with_name("put-aside").rename, git)
        git.rename(git.with_name("put-aside"))
        self.assertIn("labs need a clone", self.labs("start", "1", status=2))
        self.assertNotIn("Lab 1", self.text(FAULT))


class Grading(LabsTest):
    def points(self, *arguments):
        """Grades lab 1 on one architecture, with the kernels of this build."""
        said = self.labs(*arguments, "--home", ROOT, "--arch", "x86_64", status=1)
        return said, json.loads(self.text("build/labs/grade.json"))

    def test_edited_tests_and_tools_buy_no_point(self):
        self.labs("start", "1")
        lab = "labs/1-populate-on-first-touch/lab.json"
        (self.tree / lab).write_text('{"title": "Mine", "checks": []}', encoding="utf-8")
        for name in ("tools/run/__main__.py", "tools/prove/__main__.py"):
            (self.tree / name).write_text("import sys\nsys.exit(0)\n", encoding="utf-8")
        self.change("tools/labs/grading.py", "if good else 0", "")
        (self.tree / FIRST_TOUCH_TEST).write_text("// nothing\n", encoding="utf-8")
        commit(self.tree)
        said, graded = self.points("grade")
        self.assertEqual((graded["points"], graded["of"]), (1, 10), said)
        for check in graded["checks"][1:]:
            self.assertEqual(check["points"], 0)
            self.assertTrue(check["expected"] and check["seen"]["x86_64"] and check["hint"])
            self.assertIn(check["hint"], said)
        self.assertEqual([*graded["files"]], [FAULT, "kernel/mm/first_touch.hpp"])

    def test_what_does_not_compile_gets_nothing_and_names_the_error(self):
        self.labs("start", "1")
        self.change(FAULT, "static_cast<void>(place);", "static_cast<void>(plaice);")
        said, graded = self.points("grade")
        self.assertEqual(graded["points"], 0)
        self.assertIn(f"{FAULT}:", said)
        self.assertIn("plaice", said)

    def test_the_tests_of_the_grading_tree_count_not_those_that_were_built(self):
        self.change(FIRST_TOUCH_TEST, "EXPECT_EQ(test, page_index_traced_at(byte), 100u);",
                    "EXPECT_EQ(test, page_index_traced_at(byte), 99u);")
        said, graded = self.points("judge", "1", "--from", ROOT, "--json",
                                   self.tree_for("build/labs/grade.json"))
        failed = [check["name"] for check in graded["checks"] if check["hint"]]
        self.assertEqual(failed, ["a first touch is counted and traced once"], said)
        self.assertIn("first_touch_test.cpp", said + str(graded["checks"]))

    def test_an_answer_that_gets_more_or_less_than_it_should_is_reported(self):
        lab = self.tree / "labs" / "1-populate-on-first-touch"
        (lab / "solution.patch").replace(lab / "broken-uncounted.patch")
        said = self.labs("check", "1", "--answers", "broken-uncounted", "--home", ROOT,
                         "--arch", "x86_64", status=1)
        self.assertIn("not ok broken-uncounted: 10 of 10 points", said)

    def test_a_changed_recipe_of_the_build_is_named(self):
        self.change("tools/cmake/compile_flags.cmake", "-Wall", "-Wno-all")
        said = self.labs("judge", "1", "--from", ROOT, "--home", ROOT, status=2)
        self.assertIn("tools/cmake/compile_flags.cmake: changed", said)

    def tree_for(self, name):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


if __name__ == "__main__":
    unittest.main()
