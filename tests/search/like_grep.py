#!/usr/bin/python3
"""The search job finds the lines that `grep -E` finds in the same files.

    like_grep.py [options of tools/run: --arch, --build, --smp]

What would break without it: a range of lines that no thread takes, or two take; a match that is
lost between the threads and the log; a matcher that works on the host only.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = ROOT / "tests" / "data" / "input.txt"
MATCH = re.compile(r"^(?:([^:]+):)?(\d+): ")

# Patterns that both support, from "every line" to "none", shallow and deep.
PATTERNS = (
    "(storm|fathom|lead)[a-z]*[, ].*(deep|dark|mud|ooze)",
    "^$",
    "[[:digit:]]+(st|nd|rd|th)",
    "^(\"[A-Z]|On the).{10,40}(,|\\.)",
    "((a|e|i|o|u)[^aeiou ]){3,}",
    "no such words as these",
)


def grep(pattern, path):
    """The numbers of the lines of one file that grep finds."""
    command = ["grep", "-aEn", "-e", pattern, str(path)]
    run = subprocess.run(command, capture_output=True, env={"LC_ALL": "C"}, check=False)
    if run.returncode > 1:
        sys.exit(f"grep: {run.stderr.decode()}")
    return {int(line.split(b":", 1)[0]) for line in run.stdout.splitlines()}


def search(arguments, source, pattern, threads):
    """What the kernel finds: a list of (name or None, line number), in the order of its log."""
    with tempfile.TemporaryDirectory(prefix="fathom-search-") as folder:
        log = pathlib.Path(folder) / "log"
        words = f"run=search matches=all threads={threads} 'pattern={pattern}'"
        command = [sys.executable, str(ROOT / "tools" / "run"), "--quiet", *arguments,
                   "--input", str(source), "--args", words, "--log", str(log)]
        if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            sys.exit(f"the run for {pattern!r} is not good")
        lines = log.read_text(errors="replace").splitlines()
    return [(match.group(1), int(match.group(2))) for match in map(MATCH.match, lines) if match]


def check(arguments, source, files, pattern, threads):
    """Compares one run with grep over `files`, a dictionary from names in the log to paths."""
    found = search(arguments, source, pattern, threads)
    expected = [(name, number) for name, path in files.items()
                for number in sorted(grep(pattern, path))]
    if found == expected:
        print(f"{len(found):6} lines, {threads} threads: {pattern}")
        return True
    print(f"{pattern!r} with {threads} threads: {len(found)} lines, grep has {len(expected)}")
    print(f"  only here: {[place for place in found if place not in expected][:5]}")
    print(f"  only grep: {[place for place in expected if place not in found][:5]}")
    return False


def folder_of_files(folder):
    """A few files of all kinds; returns names as the archive has them, in its order."""
    lines = TEXT.read_text().splitlines(keepends=True)
    contents = {
        "a.txt": "".join(lines[:300]),
        "b/no_line_end.txt": "".join(lines[300:310]).rstrip("\n"),
        "b/nothing.txt": "",
        "c.txt": "".join(lines[310:]),
        "d/bytes.bin": "mud\0deep\r\n\x7fstorm, deep\n\n\n",
    }
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return {name: folder / name for name in contents}


def main(arguments):
    good = all([check(arguments, TEXT, {None: TEXT}, pattern, threads)
                for threads, pattern in zip((64, 1, 7, 200, 64, 3), PATTERNS)])
    with tempfile.TemporaryDirectory(prefix="fathom-files-") as folder:
        files = folder_of_files(pathlib.Path(folder))
        for pattern in (PATTERNS[0], "^"):
            good = check(arguments, folder, files, pattern, 16) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
