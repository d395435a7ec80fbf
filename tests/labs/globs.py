#!/usr/bin/python3
"""Each test that a lab is graded by is linked into the kernel.

What would break without it: a test that has got another name, and a check that nobody can pass, or
that is passed by what is left. Usage: globs.py fathom.elf
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from run import test_list  # noqa: E402  pylint: disable=wrong-import-position

GLOB = re.compile(r"'test=([^']*)'|\btest=(\S+)")


def globs():
    """(lab, check, glob) of every check that runs tests."""
    for path in sorted((ROOT / "labs").glob("*/lab.json")):
        for check in json.loads(path.read_text(encoding="utf-8"))["checks"]:
            for quoted, plain in GLOB.findall(check.get("args", "")):
                yield path.parent.name, check["name"], quoted or plain


def main(elf):
    tests, all_globs = test_list.read(elf), list(globs())
    wrong = [f"{lab}, \"{check}\": no test of {elf} matches \"{glob}\""
             for lab, check, glob in all_globs if not test_list.matching(tests, glob)]
    print(*wrong, f"{len(all_globs)} globs, {len(tests)} tests", sep="\n")
    return 1 if wrong or not all_globs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
