#!/usr/bin/python3
"""Points come from the kernel alone, and a mistake of the grading is none of the answer.

What would break without it: a grade that edited tests, headers or build settings can buy, a hint
that blames a student for a machine without QEMU.
"""

import json
import unittest

from labs_repository import FAULT, ROOT, LabsTest, commit

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

    def test_a_machine_that_cannot_boot_is_not_the_answers_fault(self):
        (self.tree / "tools/run/__main__.py").write_text(
            "import sys\nprint('QEMU-FAILED: lab1: no log')\nsys.exit(1)\n", encoding="utf-8")
        said = self.labs("judge", "1", "--from", ROOT, "--home", ROOT, "--arch", "x86_64", status=2)
        self.assertIn("could not grade: ", said)
        self.assertNotIn("hint:", said)


if __name__ == "__main__":
    unittest.main()
