#!/usr/bin/python3
"""Memory that parked threads really touch is what the kernel says they cost.

    touched_memory.py [options of tools/run: --arch, --build]

The guest's RAM is a sparse file of the host: its blocks are the pages that were ever touched. From
N to 2 N parked threads it must grow by as much as the kernel's own figure, within 1 %. What would
break without it: a cost per thread that is left out of the kernel's books.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
THREADS = 2000
# A file system in memory counts 4 KiB pages; one on a disk may count in larger units, as ext4 does.
MEMORY = pathlib.Path("/dev/shm")
USED = re.compile(r"^  used by all, everything counted +([\d,]+) bytes$", re.MULTILINE)


def park(arguments, threads, folder):
    """One run: (bytes by the kernel's books, bytes of RAM that the host had to provide)."""
    ram, log = folder / f"ram.{threads}", folder / f"log.{threads}"
    command = [sys.executable, str(ROOT / "tools" / "run"), "--quiet", *arguments, "--smp", "1",
               "--args", f"run=park park={threads}", "--ram-file", str(ram), "--log", str(log)]
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        sys.exit("the run itself is not good")
    used = USED.search(log.read_text(errors="replace"))
    if used is None:
        sys.exit("the kernel did not say what the threads use")
    touched = os.stat(ram).st_blocks * 512
    ram.unlink()
    return int(used.group(1).replace(",", "")), touched


def main(arguments):
    with tempfile.TemporaryDirectory(prefix="fathom-touched-", dir=MEMORY) as folder:
        once, twice = (park(arguments, count * THREADS, pathlib.Path(folder)) for count in (1, 2))
    booked, touched = twice[0] - once[0], twice[1] - once[1]
    print(f"{THREADS} threads more: {booked} bytes by the kernel's books, {touched} touched, "
          f"{(touched - booked) / booked:+.2%}")
    return 0 if abs(touched - booked) <= 0.01 * booked else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
