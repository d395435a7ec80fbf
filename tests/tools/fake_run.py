"""What the tests of tools/run share: a program in QEMU's place."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD = "KTAP version 1\n1..2\nok 1 mm: one\nok 2 mm: two\nfathom: done\n"
FAKE_QEMU = """#!/usr/bin/python3
import os, pathlib, signal, socket, sys, time
if "--help" in sys.argv: sys.exit(0)
gdb = socket.socket(socket.AF_UNIX)
gdb.bind(sys.argv[sys.argv.index("-gdb") + 1].split(",")[0].removeprefix("unix:"))
sys.stdout.write(os.environ["FAKE_LOG"])
sys.stdout.flush()
sys.stderr.write(os.environ.get("FAKE_ERRORS", ""))
if os.environ.get("FAKE_HANG"):
    def leave(*_):
        sys.stderr.write("qemu-system: terminating on signal 15 from pid 1\\n")
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    pathlib.Path(os.environ["FAKE_HANG"]).write_text(str(os.getpid()))
    time.sleep(600)
code = int(os.environ["FAKE_CODE"])
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


class FakeRun(unittest.TestCase):
    """A test of tools/run, with a program in QEMU's place that prints a log and ends as told."""

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        for arch in ("x86_64", "aarch64"):
            fake = self.folder / f"qemu-system-{arch}"
            fake.write_text(FAKE_QEMU)
            fake.chmod(0o755)
        (self.folder / "fathom.elf").write_bytes(b"")
        (self.folder / "Image").write_bytes(b"")

    def environment(self, log, code, **more):
        return {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "FAKE_LOG": log,
                "FAKE_CODE": str(code), "TMPDIR": str(self.folder), **more}

    def command(self, *arguments, arch="x86_64"):
        return [sys.executable, str(ROOT / "tools" / "run"), "--arch", arch, "--build",
                str(self.folder), "--name", "trial", *arguments]

    def run_tool(self, log, code, *arguments, arch="x86_64", **more):
        return subprocess.run(self.command(*arguments, arch=arch), text=True, check=False,
                              env=self.environment(log, code, **more), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @contextlib.contextmanager
    def hanging_run(self, note):
        """A run whose QEMU hangs after it has written its pid to `note`; killed at the end, as a
        test that fails must not wait for it."""
        with subprocess.Popen(self.command(), stdout=subprocess.DEVNULL,
                              env=self.environment("x\n", 0, FAKE_HANG=str(note))) as tool:
            try:
                self.wait_until(lambda: note.exists() and note.read_text())
                yield tool
            except BaseException:
                tool.kill()
                raise

    def wait_until(self, condition, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, "waited in vain")
            time.sleep(0.02)
