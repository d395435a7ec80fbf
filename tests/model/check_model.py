#!/usr/bin/python3
"""Checks the model of the stack rules with spin: the correct one passes, each defect is found.

    check_model.py sound            no error in any reachable state, and the model is not idle
    check_model.py SP_4096          the defect leads to what it should lead to, not to any error

Breadth first, so that the counterexample is a shortest one. With --keep FOLDER the trail stays
there, with the line that replays it.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MODEL = Path(__file__).parent / "stack_rules.pml"
GOALS = ("FRAME_AWAITED", "SENT_BACK", "LOCK_CONTENDED", "DEEPEST_PUSH", "THREAD_ENDED")

# What pan must say, and how the replay must end.
EXPECTED = {
    "SP_4096": (r"assertion violated !\(page_skipped\)", {"page_skipped": 1}),
    "OVER_DEEP": (r"assertion violated !\(deeper_than_window\)", {"deeper_than_window": 1}),
    "EVICTION_RACE": (r"assertion violated !\(evicted_after_touch\)", {"evicted_after_touch": 1}),
    # The handler waits for the lock that the thread it interrupted (1) holds.
    "FAULT_PATH_LOCK": (r"invalid end state", {"handler_waits": 1, "fault_lock": 1}),
}


def run(command: list[str], folder: Path) -> str:
    """Runs to completion; the output, errors included."""
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, check=False)
    return done.stdout


def verify(defines: list[str], folder: Path) -> str:
    """pan's whole report on the model with these -D flags."""
    (folder / MODEL.name).write_text(MODEL.read_text())
    said = run(["spin", *defines, "-a", MODEL.name], folder)
    # Provided clauses and partial-order reduction do not go together: NOREDUCE.
    said += run(["gcc", "-O1", "-w", "-DSAFETY", "-DNOREDUCE", "-DBFS", "-o", "pan", "pan.c"],
                folder)
    if not (folder / "pan").exists():
        sys.exit(f"spin or gcc failed:\n{said}")
    report = run(["./pan"], folder)
    if not re.search(r"errors: \d", report) or "search depth too small" in report:
        sys.exit(f"not a complete search:\n{report}")
    return re.sub(r"[ \t]+", " ", report)


def states(report: str) -> int:
    """How many states pan stored."""
    found = re.search(r"(\d+) states, stored", report)
    return int(found.group(1)) if found else 0


def check_sound(folder: Path) -> None:
    """No errors; and every event that makes the model worth checking happens."""
    report = verify([], folder)
    if "errors: 0" not in report:
        sys.exit(f"the correct model has an error:\n{report}")
    print(f"sound: {states(report)} states, no error")
    for number, goal in enumerate(GOALS, start=1):
        report = verify([f"-DGOAL={number}"], folder)
        if not re.search(rf"assertion violated .*{number}!={number}", report):
            sys.exit(f"{goal} never happens, so the model shows nothing:\n{report}")
        print(f"{goal} happens: {states(report)} states until then")


def check_defect(defect: str, folder: Path) -> None:
    """The defect is found, and it is found to be what it is."""
    text, end = EXPECTED[defect]
    report = verify([f"-D{defect}"], folder)
    if not re.search(text, report) or "errors: 1" not in report:
        sys.exit(f"{defect} should lead to \"{text}\":\n{report}")
    replay = run(["spin", f"-D{defect}", "-t", "-g", MODEL.name], folder)
    for variable, value in end.items():
        if not re.search(rf"^\s*{variable} = {value}$", replay.split("#processes")[-1], re.M):
            sys.exit(f"{defect} should end with {variable} = {value}:\n{replay}")
    depth = re.search(r"trail ends after (\d+) steps", replay)
    print(f"{defect}: {states(report)} states; found in {depth.group(1) if depth else '?'} steps")


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["sound", *EXPECTED])
    parser.add_argument("--keep", type=Path, help="work here, and leave everything")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if options.what == "sound":
            check_sound(folder)
        else:
            check_defect(options.what, folder)
            if options.keep:
                print(f"cd {folder} && spin -D{options.what} -t -p -g {MODEL.name}")


if __name__ == "__main__":
    main()
