#!/usr/bin/python3
"""The presets that the handbook has a reader write are such that CMake takes them beside ours.

What would break without it: a recipe that CMake refuses, or that changes one of our own builds.
"""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import book

ADDING = book.ROOT / "docs" / "book" / "adding.md"


class Presets(unittest.TestCase):
    def setUp(self):
        blocks = book.blocks(ADDING, "json")
        self.assertEqual(len(blocks), 1)
        self.text = blocks[0][1]

    def test_cmake_reads_them_and_finds_a_build_for_each(self):
        with tempfile.TemporaryDirectory(prefix="fathom-presets-") as name:
            folder = pathlib.Path(name)
            shutil.copy(book.ROOT / "CMakePresets.json", folder)
            (folder / "CMakeUserPresets.json").write_text(self.text, encoding="utf-8")
            for what in ("configure", "build"):
                done = subprocess.run(["cmake", f"--list-presets={what}"], cwd=folder, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertIn('"x86_64-mine"', done.stdout)

    def test_no_build_of_ours_is_touched(self):
        ours = {preset["name"] for preset in json.loads(
            (book.ROOT / "CMakePresets.json").read_text(encoding="utf-8"))["configurePresets"]}
        theirs = {preset["name"] for preset in json.loads(self.text)["configurePresets"]}
        self.assertEqual(ours & theirs, set())
        self.assertTrue(all(f"make build-{name}" in ADDING.read_text(encoding="utf-8")
                            for name in theirs))

    def test_no_page_configures_a_preset_of_ours_in_another_way(self):
        for page in book.pages():
            self.assertNotRegex(page.read_text(encoding="utf-8"), r"cmake --preset \S+ -D",
                                book.name(page))

    def test_git_ignores_the_file(self):
        ignored = (book.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        self.assertIn("/CMakeUserPresets.json", ignored)


if __name__ == "__main__":
    unittest.main()
