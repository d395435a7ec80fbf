"""Whether a run repeats: the same kernel, options and seed give the same serial log, bit for bit.

On a busy host QEMU itself moves a run now and then (run/one_cpu.py), each time elsewhere. So a run
that is like no other is tried again; a kernel that does not repeat gives as many logs as runs.
"""

import pathlib
import tempfile

MOST_RUNS = 4


def trouble_of(boot):
    """What is wrong, as lines; none: two runs gave the same log. boot(path) runs once, leaves its
    log there and returns what is wrong with the run."""
    logs = []
    with tempfile.TemporaryDirectory(prefix="fathom-twice-") as folder:
        while len(logs) < MOST_RUNS:
            path = pathlib.Path(folder) / f"{len(logs)}.log"
            trouble = boot(path)
            if trouble:
                return trouble
            if path.read_bytes() in logs:
                return []
            logs.append(path.read_bytes())
    return [f"{MOST_RUNS} runs gave {MOST_RUNS} logs", *difference(*logs[-2:])]


def difference(first, second):
    """Where two logs part."""
    lines = zip(*(log.decode("utf-8", "replace").splitlines() for log in (first, second)))
    for number, (one, other) in enumerate(lines, 1):
        if one != other:
            return [f"line {number} differs:", f"  {one}", f"  {other}"]
    return [f"one log is longer: {len(first)} and {len(second)} bytes"]
