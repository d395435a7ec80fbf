"""A repository of the project as it lies here, in which tests start, grade and leave labs."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAULT = "kernel/mm/page_fault.cpp"


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
        run("git", "clean", "-fdxq", folder=self.tree)

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
