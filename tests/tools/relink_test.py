#!/usr/bin/python3
"""Linking anew with other objects: what the build's link steps make is made in the other folder.

What would break without it: a kernel of a build that has never been linked as a whole (a fresh
clone's, when a lab is graded) has no Image, and QEMU cannot boot it on aarch64.
"""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import relink  # noqa: E402  pylint: disable=wrong-import-position

TOOLS = {"x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu"}
IMAGE = {"x86_64": "", "aarch64": " && aarch64-linux-gnu-objcopy -O binary fathom.elf Image"}
# The four steps of tools/cmake/kernel_image.cmake, each as small as can be.
NINJA = """rule step
  command = $do
build first.obj: step
  do = true
build fathom.pass1.elf: step first.obj
  do = {tool}-ld -r first.obj -o fathom.pass1.elf
build symbols.S: step fathom.pass1.elf
  do = echo .byte 1 > symbols.S
build CMakeFiles/fathom.dir/symbols.S.obj: step symbols.S
  do = {tool}-as symbols.S -o CMakeFiles/fathom.dir/symbols.S.obj
build fathom.elf: step CMakeFiles/fathom.dir/symbols.S.obj
  do = {tool}-ld -r CMakeFiles/fathom.dir/symbols.S.obj -o fathom.elf{image}
"""


class Linking(unittest.TestCase):
    def linked(self, arch):
        """What is made from a build that has compiled its objects, and linked nothing."""
        name = tempfile.TemporaryDirectory(prefix="fathom-relink-test-")
        self.addCleanup(name.cleanup)
        folder, into = pathlib.Path(name.name) / "build", pathlib.Path(name.name) / "into"
        folder.mkdir()
        into.mkdir()
        (folder / "compile_commands.json").write_text("[]", encoding="utf-8")
        (folder / "build.ninja").write_text(
            NINJA.format(tool=TOOLS[arch], image=IMAGE[arch]), encoding="utf-8")
        done = relink.shell(f"echo .byte 2 | {TOOLS[arch]}-as - -o first.obj", folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        before = sorted(folder.iterdir())
        done = relink.Build(folder).link({}, into)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(folder.iterdir()), before)
        return {path.name for path in into.iterdir()}

    def test_aarch64_gets_its_image_from_a_build_that_has_none(self):
        self.assertIn("Image", self.linked("aarch64"))

    def test_x86_64_gets_none(self):
        made = self.linked("x86_64")
        self.assertIn("fathom.elf", made)
        self.assertNotIn("Image", made)


if __name__ == "__main__":
    unittest.main()
