"""Somebody who types to the kernel's monitor and reads the answers."""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

# pylint: disable=wrong-import-position
from run.guest import Guest
from run.monitor import PROMPT, Screen
from run.options import RunOptions

SECONDS = 120


class Typist:
    """A booted kernel at its monitor's prompt; a context manager. Every answer is held against the
    80 columns of a terminal."""

    def __init__(self, arch, build, smp=2, arguments="", memory="128M"):
        name = f"monitor.{arch}.{pathlib.Path(sys.argv[0]).stem}"
        self.screen = Screen()
        self.guest = Guest(RunOptions(arch=arch, build=build, smp=smp, mem=memory,
                                      mode="monitor", name=name,
                                      args=arguments, log=pathlib.Path(build) / "logs" /
                                      f"{name}.log"), self.screen.feed)
        self.place = 0

    def __enter__(self):
        self.guest.__enter__()
        self.read_to(PROMPT)
        return self

    def __exit__(self, *reason):
        self.guest.__exit__(*reason)

    def read_to(self, text):
        """What comes up to the next `text`, that included."""
        end = self.screen.wait_for(text, self.place, SECONDS)
        expect(end is not None, f"\"{text}\" after {SECONDS} s", self.screen.text[self.place:])
        shown = self.screen.text[self.place:end]
        self.place = end
        return shown

    def press(self, keys):
        self.guest.type(keys.encode())

    def ask(self, command):
        """The answer to a command."""
        self.press(command + "\r")
        self.read_to("\n")  # the echo
        answer = self.read_to(PROMPT)[:-len(PROMPT)]
        for line in answer.splitlines():
            expect(len(line) <= 80 or " # SKIP " in line, f"80 columns: {command}", line)
        return answer

    def expect(self, command, *patterns):
        """The answer, which must match each of the regular expressions."""
        answer = self.ask(command)
        for pattern in patterns:
            expect(re.search(pattern, answer, re.MULTILINE), f"{command}: /{pattern}/", answer)
        return answer


def expect(condition, what, output=""):
    """A failed expectation ends the test, with what was seen."""
    if not condition:
        raise SystemExit(f"FAILED: {what}\n{output}")


def arguments():
    """The command line of a test script."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True, choices=("x86_64", "aarch64"))
    parser.add_argument("--build", required=True, type=pathlib.Path)
    return parser.parse_args()
