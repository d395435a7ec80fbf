#!/usr/bin/python3
"""doctor and the installer read the same list and see the same gaps.

What would break without it: a machine that lacks a tool is told that all is well.
"""

import contextlib
import io
import os
import pathlib
import subprocess
import tempfile
import unittest

import doctor

TOOLS = pathlib.Path(doctor.__file__).resolve().parent
LIST = """# comment
any    | cmake  | cmake  | 3.25 | configuring
arm64  | other  | other  | -    | other hosts
!arm64 | here   | here   | 1.2  | this host
any    | ?extra | extra  | -    | comfort
"""


def needs(architecture="amd64"):
    return doctor.read_list(LIST, architecture)


def examine(versions):
    """The mending packages when exactly `versions` are found, and what was printed."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        mending = doctor.examine(needs(), versions.get)
    return mending, output.getvalue()


class Doctor(unittest.TestCase):
    def test_lines_for_other_hosts_do_not_count(self):
        self.assertEqual([need.package for need in needs("amd64")], ["cmake", "here", "extra"])
        self.assertEqual([need.package for need in needs("arm64")], ["cmake", "other", "extra"])

    def test_what_is_missing_or_old_is_to_be_mended_and_comfort_is_not(self):
        mending, output = examine({"cmake": "3.18.4"})
        self.assertEqual(mending, ["cmake", "here"])
        self.assertIn("OLD", output)
        self.assertIn("MISSING", output)

    def test_all_well(self):
        mending, output = examine({"cmake": "3.25", "here": "1.10", "extra": "yes"})
        self.assertEqual(mending, [])
        self.assertNotIn("MISSING", output)

    def test_versions_compare_by_number(self):
        need = doctor.Need("x", "x", "1.10", "", False)
        self.assertTrue(doctor.good_enough(need, "1.11.1"))
        self.assertFalse(doctor.good_enough(need, "1.9.9"))

    def test_a_version_is_found_behind_the_packages_own(self):
        self.assertIn("13.1", doctor.without_package_version("GNU gdb (Debian 12.9-3) 13.1\n"))
        self.assertEqual(doctor.VERSION.search(doctor.without_package_version(
            "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)")).group(1), "7.2.22")

    def test_a_path_may_leave_a_version_open(self):
        with tempfile.TemporaryDirectory() as scratch:
            (pathlib.Path(scratch) / "llvm-19" / "linux").mkdir(parents=True)
            self.assertEqual(doctor.found_version(f"{scratch}/llvm-*/linux/"), "yes")
            self.assertIsNone(doctor.found_version(f"{scratch}/llvm-*/darwin/"))

    def test_a_wrong_line_is_named(self):
        with self.assertRaisesRegex(ValueError, "line 1"):
            doctor.read_list("any | cmake\n", "amd64")

    def test_the_real_list_can_be_read_and_each_tool_be_looked_for(self):
        for need in doctor.read_list((TOOLS / "packages.txt").read_text(), "amd64"):
            doctor.found_version(need.tool)
            self.assertTrue(need.purpose)


class Install(unittest.TestCase):
    def test_it_names_what_dpkg_does_not_know_and_installs_nothing_when_told_not_to(self):
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            (scratch / "install.sh").write_text((TOOLS / "install.sh").read_text())
            (scratch / "packages.txt").write_text(
                "# c\nany | no-such-package-1 | x | - | x\nany | bash | bash | - | x\n"
                "none | no-such-package-2 | x | - | x\nany | ?no-such-package-3 | x | - | x\n"
                "any | awk | awk | - | x\n")  # no package, but mawk stands in for it
            done = subprocess.run(["bash", str(scratch / "install.sh")], text=True, check=False,
                                  env={**os.environ, "INSTALL": "no"}, stdout=subprocess.PIPE)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, "--no-install-recommends no-such-package-1\n")


if __name__ == "__main__":
    unittest.main()
