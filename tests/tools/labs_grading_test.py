#!/usr/bin/python3
"""Points come from the kernel alone, and a mistake of the grading is none of the answer.

What would break without it: a grade that edited tests, headers or build settings can buy, a hint
that blames a student for a machine without QEMU.
"""

import importlib
import json
import sys
import unittest

from labs_repository import FAULT, ROOT, LabsTest, commit, run

FIRST_TOUCH_TEST = "tests/kernel/mm/first_touch_test.cpp"


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
        self.assertEqual(said.count(": error: ‘plaice’"), 1, said)
        self.assertEqual(said.count("it does not compile\n"), len(graded["checks"]) - 1, said)
        self.assertIn("with 1 CPU\n", said)

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

    def test_a_header_that_only_the_built_tree_has_is_not_read(self):
        # Seen from this tree, the one that was built has put a header in front of a test's.
        header = self.tree / "tests/main/work.hpp"
        header.parent.mkdir()
        header.write_text("#error the grading tree's own\n", encoding="utf-8")
        (self.tree / "kernel/main/work.hpp").unlink()
        said, graded = self.points("judge", "1", "--from", ROOT, "--json",
                                   self.tree_for("build/labs/grade.json"))
        self.assertIn("tests/main/work.hpp:1:", said)
        self.assertEqual(graded["points"], 0)

    def test_what_a_changed_header_leaves_out_of_the_sweep_is_swept(self):
        # The built tree's table of operations has one less than this tree's.
        self.change("kernel/mm/large_blocks.hpp",
                    "may fault; inside mm.\nvoid free_large", "may fault.\nvoid free_large")
        said, _ = self.points("judge", "1", "--from", ROOT, "--json",
                              self.tree_for("build/labs/grade.json"))
        self.assertIn("undefined reference", said)
        self.assertIn("free_large", said)

    def test_a_build_that_is_not_what_its_preset_says_is_refused(self):
        # As CMake does: what was chosen once stays in the cache.
        build = self.tree / "build" / "x86_64-release"
        done = run("cmake", "--preset", build.name, "-DFATHOM_STACK_POLICY=eager", folder=self.tree)
        self.assertEqual(done.returncode, 0, done.stdout)
        said = self.labs("judge", "1", "--from", self.tree, "--arch", "x86_64", status=2)
        self.assertIn("FATHOM_STACK_POLICY is eager, not rules; cmake --fresh", said)

    def test_what_is_the_same_on_both_architectures_is_said_once(self):
        self.labs("start", "1")
        self.change(FAULT, "static_cast<void>(place);", "static_cast<void>(plaice);")
        said = self.labs("judge", "1", "--from", self.tree, "--home", ROOT, status=1)
        self.assertEqual(said.count("plaice"), 1, said)

    def test_only_the_named_files_come_from_the_students_tree(self):
        commit_id = run("git", "rev-parse", "first", folder=self.tree).stdout.strip()
        sys.path.insert(0, str(self.tree / "tools"))
        self.addCleanup(sys.path.remove, str(self.tree / "tools"))
        labs = importlib.import_module("labs.student")
        (self.tree / "kernel/runner").mkdir()
        (self.tree / "kernel/runner/test.hpp").write_text("// no test fails\n", encoding="utf-8")
        grading = labs.reference_tree(commit_id)
        self.assertFalse((grading / "kernel/runner").exists())
        built = grading / "build" / "an.obj"
        built.parent.mkdir()
        built.touch()
        labs.reference_tree(commit_id)
        self.assertTrue(built.exists(), "built anew, though nothing has changed")
        (grading / FAULT).write_text("// edited\n", encoding="utf-8")
        labs.reference_tree(commit_id)
        self.assertFalse(built.exists(), "built of something else")
        self.assertNotEqual((grading / FAULT).read_text(encoding="utf-8"), "// edited\n")

    def test_a_machine_that_cannot_boot_is_not_the_answers_fault(self):
        (self.tree / "tools/run/__main__.py").write_text(
            "import sys\nprint('QEMU-FAILED: lab1: no log')\nsys.exit(1)\n", encoding="utf-8")
        said = self.labs("judge", "1", "--from", ROOT, "--home", ROOT, "--arch", "x86_64", status=2)
        self.assertIn("could not grade: ", said)
        self.assertNotIn("hint:", said)


if __name__ == "__main__":
    unittest.main()
