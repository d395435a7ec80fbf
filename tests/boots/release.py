#!/usr/bin/python3
"""Each line of a release's RUN.txt runs what is in the release to its end, with the status that
RUN.txt says, and Ctrl-C ends it before; the checksums hold.

What would break without it: a release whose instructions do not work.
"""

import argparse
import fcntl
import os
import pathlib
import pty
import re
import shlex
import subprocess
import sys
import tempfile
import termios

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 180
REACHED = b"search: what the stacks"


def passes(line: str, folder: pathlib.Path, status: int) -> bool:
    """Whether the line, typed in the release's folder, gets to the search's result and to its end,
    with that status."""
    done = subprocess.run(shlex.split(line), cwd=folder, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, timeout=SECONDS)
    if done.returncode != status or REACHED not in done.stdout:
        print(done.stdout.decode(errors="replace")[-2000:])
        print(f"status {done.returncode}, expected {status}")
        return False
    return True


def can_be_stopped(line: str, folder: pathlib.Path) -> bool:
    """Whether Ctrl-C in the terminal of the run ends it."""
    terminal, inside = pty.openpty()
    with subprocess.Popen(shlex.split(line), cwd=folder, stdin=inside, stdout=inside,
                          start_new_session=True, preexec_fn=take_terminal) as guest:
        os.close(inside)
        os.read(terminal, 1)
        os.write(terminal, b"\x03")
        try:
            guest.wait(timeout=10)
            return True
        except subprocess.TimeoutExpired:
            guest.kill()
            return False
        finally:
            os.close(terminal)


def take_terminal() -> None:
    """In the child: what is typed there interrupts it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def status_of(text: str, arch: str) -> int:
    """What RUN.txt says of the status of a run that has passed."""
    return int(re.search(rf"\b(\d+) on {arch}\b", text).group(1))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", required=True, type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fathom-release-") as name:
        folder = pathlib.Path(name) / "release"
        subprocess.run([sys.executable, str(ROOT / "tools" / "release.py"), "--build",
                        str(options.images), "--out", str(folder)], check=True)
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
        text = (folder / "RUN.txt").read_text()
        lines = re.findall(r"^qemu-system-.*", text, re.MULTILINE)
        failed = [line for line in lines
                  if not passes(line, folder, status_of(text, line.split()[0].split("-")[-1]))]
        failed += [f"Ctrl-C: {line}" for line in lines if not can_be_stopped(line, folder)]
    for line in failed:
        print(f"FAILED: {line}")
    print(f"{len(lines) - len(failed)} of {len(lines)} lines run to their end, and can be stopped")
    return 1 if failed or len(lines) != 3 else 0


if __name__ == "__main__":
    sys.exit(main())
