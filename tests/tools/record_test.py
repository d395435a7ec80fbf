#!/usr/bin/python3
"""Recordings: where one may be kept, and what opens one.

What would break without it: `--record FOLDER` deletes what a user keeps in that folder.
"""

import json
import pathlib
import tempfile
import unittest
from unittest import mock

from run import media, options, record


class Record(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name) / "record"

    def prepare(self, *arguments):
        with mock.patch.object(media, "run_quietly"):
            record.prepare(options.RunOptions(record=self.folder), list(arguments))

    def test_a_new_an_empty_and_a_recorded_folder_are_taken(self):
        self.prepare("new")
        (self.folder / record.ARGUMENTS).unlink()
        self.prepare("empty")
        (self.folder / "events.bin").write_text("old")
        self.prepare("again")
        self.assertEqual(json.loads((self.folder / record.ARGUMENTS).read_text()), ["again"])
        self.assertFalse((self.folder / "events.bin").exists())

    def test_a_folder_that_holds_anything_else_is_refused_and_left_alone(self):
        self.folder.mkdir()
        (self.folder / "thesis.txt").write_text("years of work")
        with self.assertRaisesRegex(options.UsageError, "holds something that is no recording"):
            self.prepare()
        self.assertEqual((self.folder / "thesis.txt").read_text(), "years of work")
        file = self.folder / "thesis.txt"
        self.folder = file
        with self.assertRaises(options.UsageError):
            self.prepare()
        self.assertTrue(file.exists())


if __name__ == "__main__":
    unittest.main()
