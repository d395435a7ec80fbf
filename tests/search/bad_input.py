#!/usr/bin/python3
"""Bad input gets a clear message that names what is wrong, and a failed run; large input gets done.

    bad_input.py [options of tools/run: --arch, --build, --smp]

What would break without it: a boot module or a command line that ends in a panic, in silence, or
in a run that calls itself good.
"""

import io
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = ROOT / "tests" / "data" / "input.txt"
CHAPTER = b"\nChapter "
TOO_LONG = "longer than 1024 bytes; the rest is not read"


def archive(names_and_bytes):
    """A ustar archive as bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in names_and_bytes:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def cases():
    """(what it is, module or None, command line, is the run good, lines of the log)."""
    text = TEXT.read_bytes()
    many = -(-(64 << 20) // len(text))
    two_files = archive([("first.txt", b"the lead, deep\n"), ("second.txt", text)])
    cut = two_files[:4000]
    broken = bytearray(two_files)
    broken[1024 + 5] ^= 1  # in the second header
    noise = random.Random(1).randbytes(1 << 20)
    empty_files = archive([("a", b""), ("b", b"")])
    hostile = "threads=-1 stack=9999999999G =x cpus= x\\\\ \\' \\\"="
    wrong_numbers = "threads=1e9 stack=0x seed=99999999999999999999999 matches=-1 cpus=0 trace=?"
    long_pattern = "pattern=" + "e" * 257
    yield "no module", None, "", False, "no boot module to search"
    yield "an empty module", b"", "", False, "no boot module to search"
    yield "empty files", empty_files, "", False, "every file in them is empty"
    yield "a truncated archive", cut, "", False, "truncated tar archive"
    yield "the file before the cut", cut, "", False, "first.txt:1: the lead, deep"
    yield "a broken archive", bytes(broken), "", False, "malformed tar archive"
    yield "a broken pattern", text, "'pattern=a(b'", False, "is broken at character 2"
    yield "a hopeless pattern", text, "'pattern=(([a-z ]*)*,)*#'", False, "tries too many ways"
    yield "a stack too small", text, "'pattern=e.*#' stack=8K", False, "try stack=SIZE"
    yield "bytes of all kinds", noise, "'pattern=[a-z]{4}$'", True, "matching lines"
    yield "hostile words", text, hostile, True, "no such option"
    yield "a flood of words", text, "x " * 480, True, "more words were not understood"
    yield "one endless word", text, "y" * 4_000, True, TOO_LONG
    yield "an endless line", None, "x " * 2_000, False, TOO_LONG
    yield "binary", text, "\x01\x1b[31m \x7f\udcff\udc80 caf\u00e9", True, '"[31m": no such option'
    yield "wrong numbers", text, wrong_numbers, True, "\n".join((
        '"threads=1e9": threads is a number from 1 to 4096',
        '"stack=0x": stack is a size from 8K to 1G',
        '"seed=99999999999999999999999": seed is a number of up to 64 bits',
        '"matches=-1": matches is a number or all', '"trace=?": trace is on or off'))
    yield "a key alone", text, "threads", True, '"threads": threads is a number from 1 to 4096'
    yield "a pattern too long", text, long_pattern, True, "a pattern has 1 to 256 characters"
    yield "an unknown job", text, "run=dance,search", True, "run takes a list of search, park"
    yield "no such test", text, "run=tests test=none_such", False, 'matches "none_such"'
    yield "no such trigger", text, "panic_test=none_such", False, "there is no such trigger"
    chapters = f"search: {text.count(CHAPTER) * many} matching lines"
    yield "64 MiB", text * many, "'pattern=^Chapter ' matches=0", True, chapters


def unfolded(log):
    """The log, its complaints about the command line in one line each: they fold at 80 columns."""
    return log.read_text(encoding="utf-8", errors="replace").replace("\n  ", " ")


def run(arguments, case, folder):
    """Boots one case; true if the run is as it should be."""
    what, module, words, good, text = case
    command = [sys.executable, str(ROOT / "tools" / "run"), "--quiet", *arguments, "--mem", "256M",
               "--args", f"run=search {words}", "--log", str(folder / "log")]
    if module is not None:
        (folder / "module").write_bytes(module)
    command += ["--input", "none" if module is None else str(folder / "module")]
    if not good:
        command.append("--expect-failed")
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
    missing = [line for line in text.splitlines() if line not in unfolded(folder / "log")]
    as_it_should_be = finished.returncode == 0 and not missing
    print(f"{'as it should be' if as_it_should_be else 'WRONG':16}{what}")
    if not as_it_should_be:
        print(finished.stdout + finished.stderr, *(f"not said: {line}" for line in missing))
    return as_it_should_be


def main(arguments):
    good = True
    for case in cases():
        with tempfile.TemporaryDirectory(prefix="fathom-input-") as folder:
            good = run(arguments, case, pathlib.Path(folder)) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
