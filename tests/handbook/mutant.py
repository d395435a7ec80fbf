#!/usr/bin/python3
"""What docs/proof.md shows of the prover's answer to a mutant is what it answers to that mutant.

What would break without it: a call chain in the book that the kernel no longer has.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import book

sys.path.insert(0, str(book.ROOT / "tools"))
# pylint: disable=wrong-import-position
from mutate import mutants
from mutate.subject import Subject

SITE = ("kernel/mm/kernel_space.cpp", "mm::map_page", "off 1")
KIND = "window 256"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path, help="build/x86_64-release")
    build = parser.parse_args().build
    shown = [text for _, text in book.blocks(book.ROOT / "docs" / "proof.md", "prove")]
    subject = Subject(build)
    with tempfile.TemporaryDirectory(prefix="fathom-mutant-") as name:
        folder = pathlib.Path(name)
        subject.write(mutants.make(subject, subject.named[SITE], KIND), folder)
        done = subprocess.run([sys.executable, str(book.ROOT / "tools" / "prove"), "--elf",
                               str(folder / "fathom.elf")], stdout=subprocess.PIPE, text=True,
                              check=False)
    if len(shown) != 1 or done.returncode != 1 or not book.matches(f"...\n{shown[0]}...\n",
                                                                   done.stdout):
        print(f"docs/proof.md shows\n{''.join(shown)}the prover says\n{done.stdout}")
        return 1
    print("the prover answers as docs/proof.md shows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
