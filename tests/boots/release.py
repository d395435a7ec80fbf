#!/usr/bin/python3
"""Each line of a release's RUN.txt boots what is in the release, and the checksums hold.

What would break without it: a release whose instructions do not work.
"""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
REACHED = b"search: what the stacks"


def boots(line: str, folder: pathlib.Path) -> bool:
    """Whether the line, typed in the release's folder, gets to the search's result."""
    with subprocess.Popen(shlex.split(line), cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as guest:
        try:
            return any(REACHED in text for text in guest.stdout)
        finally:
            guest.kill()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", required=True, type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fathom-release-") as name:
        folder = pathlib.Path(name) / "release"
        subprocess.run([sys.executable, str(ROOT / "tools" / "release.py"), "--build",
                        str(options.images), "--out", str(folder)], check=True)
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
        lines = [line for line in (folder / "RUN.txt").read_text().splitlines()
                 if line.startswith("qemu-system-")]
        failed = [line for line in lines if not boots(line, folder)]
    for line in failed:
        print(f"FAILED: {line}")
    print(f"{len(lines) - len(failed)} of {len(lines)} lines boot")
    return 1 if failed or len(lines) != 3 else 0


if __name__ == "__main__":
    sys.exit(main())
