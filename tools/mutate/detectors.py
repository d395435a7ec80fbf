"""Who looks at a mutant: the plain test suite and the adversaries, each one boot of the image."""

import dataclasses
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUN = ROOT / "tools" / "run"

# What each boots with, and the wall time until a boot counts as hung.
DETECTORS = {
    "plain": ("run=tests", 100),
    "sweep": ("run=tests adversary=sweep", 60),
    "shadow": ("run=tests adversary=shadow", 60),
    "evict": ("run=tests adversary=evict:1", 90),
    "step-evict": ("run=tests adversary=step-evict", 240),
}
# These look at the stack alone: what they find in a mutant that is proved is an error of the proof.
STRICT = ("shadow", "step-evict")


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What one detector said."""
    killed: bool
    text: str       # PASSED, or how it died
    seconds: float


def boot(arch: str, build: pathlib.Path, detector: str) -> Verdict:
    """Boots the image in `build` under a detector."""
    arguments, limit = DETECTORS[detector]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(RUN), "--arch", arch, "--build", str(build), "--smp", "1",
         "--args", arguments, "--timeout", str(limit), "--quiet",
         "--log", str(build / f"{detector}.log")],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines() or ["QEMU-FAILED: no output"]
    status = lines[-1].partition(":")[0]
    if status == "QEMU-FAILED" or status not in ("PASSED", "FAILED", "CRASHED", "TIMEOUT"):
        raise RuntimeError(f"{detector}: {lines[-1]}\n{done.stderr}")
    return Verdict(done.returncode != 0, _cause(status, lines), time.monotonic() - began)


def _cause(status: str, lines: list[str]) -> str:
    """The status, and the panic's sentence or the first test that failed."""
    for line in lines:
        if "PANIC: " in line:
            return f"{status}: {line[line.index('PANIC: ') + 7:]}"
    return next((f"{status}: {line}" for line in lines if line.startswith("not ok")), status)
