#!/usr/bin/python3
"""A proof with the cache of another link says what a proof from nothing says, to the letter.

    cached_equals_cold.py <image> <image of other objects>

The other image shares most functions, at other addresses, and lacks some: as after a change.
"""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def prove(elf: str, folder: pathlib.Path, *options: str) -> bytes:
    """The JSON of a proof."""
    out = folder / "proof.json"
    subprocess.run([sys.executable, str(ROOT / "tools" / "prove"), "--quiet", "--elf", elf,
                    "--json", str(out), *options], check=True)
    return out.read_bytes()


def main(elf: str, other: str) -> int:
    """Returns the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cached = ("--cache", str(folder / "cache"))
        cold = prove(elf, folder)
        prove(other, folder, *cached)
        changed, unchanged = (prove(elf, folder, *cached) for _ in range(2))
    for what, proof in (("changed", changed), ("unchanged", unchanged)):
        if proof != cold:
            print(f"{elf}: with the cache of an image that is {what}, another proof")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
