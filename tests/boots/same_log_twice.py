#!/usr/bin/python3
"""The same run twice gives the same serial log, bit for bit.

    same_log_twice.py [options of tools/run]

What would break without it: a failing seed could not be run again, and figures in guest
instructions would be an average.
"""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def boot(arguments, log):
    """One run; ends the test if the run is not good."""
    tool = str(ROOT / "tools" / "run")
    command = [sys.executable, tool, "--quiet", *arguments, "--log", str(log)]
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        sys.exit("the run itself is not good")
    return log.read_bytes()


def main(arguments):
    with tempfile.TemporaryDirectory(prefix="fathom-twice-") as folder:
        logs = [boot(arguments, pathlib.Path(folder) / name) for name in ("first", "second")]
    if logs[0] == logs[1]:
        print(f"twice the same {len(logs[0])} bytes")
        return 0
    lines = zip(*(log.decode("utf-8", "replace").splitlines() for log in logs))
    for number, (first, second) in enumerate(lines, 1):
        if first != second:
            print(f"line {number} differs:\n  {first}\n  {second}")
            break
    else:
        print(f"one log is longer: {len(logs[0])} and {len(logs[1])} bytes")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
