#!/usr/bin/python3
"""The same run gives the same serial log again, bit for bit.

    same_log_twice.py [options of tools/run]

What would break without it: a failing seed could not be run again, and figures in guest
instructions would be an average.
"""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import same_log  # pylint: disable=wrong-import-position


def main(arguments):
    def boot(log):
        command = [sys.executable, str(ROOT / "tools" / "run"), "--quiet", *arguments,
                   "--log", str(log)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
        return [] if done.returncode == 0 else ["the run itself is not good"]

    trouble = same_log.trouble_of(boot)
    print("\n".join(trouble) or "two runs gave the same log")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
