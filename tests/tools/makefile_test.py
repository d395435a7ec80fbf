#!/usr/bin/python3
"""What a user types at make reaches QEMU as it was meant.

What would break without it: a variable that README promises is dropped without a word.
"""

import os
import pathlib
import re
import shlex
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def make(*arguments):
    """What `make` prints; no job server or variables of an outer make."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")}
    done = subprocess.run(["make", "--no-print-directory", *arguments], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT, env=environment)
    return done.stdout


def dry(*arguments):
    """The QEMU command of a dry run, as words."""
    return shlex.split(make("DRY=1", *arguments))


class Makefile(unittest.TestCase):
    def test_each_run_target_boots_its_machine(self):
        self.assertIn("-cdrom", dry("run-x86"))
        self.assertIn("-kernel", dry("run-x86", "BOOT=direct"))
        self.assertTrue(any("pflash" in word for word in dry("run-x86-uefi")))
        self.assertEqual(dry("run-arm")[0], "qemu-system-aarch64")

    def test_variables_are_honoured(self):
        words = dry("run-arm", "SMP=4", "MEM=1G", "SEED=9", "GIC=3", "INPUT=LICENSE", "TYPE=bare")
        self.assertEqual(words[words.index("-smp") + 1], "4")
        self.assertEqual(words[words.index("-m") + 1], "1G")
        self.assertEqual(words[words.index("-append") + 1], "semihosting=1 seed=9")
        self.assertEqual(words[words.index("-initrd") + 1], "LICENSE")
        self.assertIn("virt,gic-version=3", words)
        self.assertIn("build/aarch64-bare/Image", words)

    def test_the_kernel_command_line_survives_quotes_and_dollars(self):
        words = dry("run-x86", "BOOT=direct", "ARGS='pattern=it\"s a$' run=search")
        self.assertEqual(words[words.index("-append") + 1], '"pattern=it\\"s a$" run=search')

    def test_a_recording_is_short_and_has_one_cpu_unless_told_otherwise(self):
        for target, machine in (("record-x86", "microvm"), ("record-arm", "virt,gic-version=2")):
            words = dry(target)
            self.assertIn(machine, words)
            self.assertEqual(words[words.index("-smp") + 1], "1")
            self.assertIn("run=search", words[words.index("-append") + 1])
        self.assertIn("one CPU only", make("DRY=1", "record-x86", "SMP=2"))
        words = dry("record-x86", "ARGS=run=tests")
        self.assertEqual(words[words.index("-append") + 1], "run=tests")

    def test_zero_switches_an_option_off(self):
        self.assertIn("-icount", dry("run-arm", "REAL=0"))
        self.assertNotIn("-icount", dry("run-arm", "REAL=1"))

    def test_the_counter_of_arm_has_one_speed_under_every_qemu(self):
        words = dry("run-arm")
        self.assertEqual(words[words.index("-cpu") + 1], "max,cntfrq=62500000")
        words = dry("run-x86")
        self.assertEqual(words[words.index("-cpu") + 1], "max")

    def test_help_names_every_target(self):
        text = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = re.findall(r"^([a-z][-a-z0-9]*):", text, re.MULTILINE)
        shown = make("help")
        for target in targets:
            if target not in ("help", "packages"):
                self.assertIn(f"make {target}", shown)
        self.assertEqual([line for line in shown.splitlines() if len(line) > 80], [])


if __name__ == "__main__":
    unittest.main()
