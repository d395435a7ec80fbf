"""Notes that running guests leave behind, so that `make attach-*` finds them."""

import json
import os

from .options import ROOT

FOLDER = ROOT / "build" / "runs"


def file_of(arch, pid):
    """Where a run says how to reach it."""
    return FOLDER / f"{arch}.{pid}.json"


def write(arch, pid, gdb_socket, elf):
    FOLDER.mkdir(parents=True, exist_ok=True)
    note = {"pid": pid, "gdb": str(gdb_socket), "elf": str(elf)}
    file_of(arch, pid).write_text(json.dumps(note), encoding="utf-8")


def running(arch):
    """The notes of this architecture's live runs, the newest last."""
    notes = []
    paths = sorted(FOLDER.glob(f"{arch}.*.json"), key=lambda path: path.stat().st_mtime)
    for path in paths:
        note = json.loads(path.read_text(encoding="utf-8"))
        if os.path.exists(f"/proc/{note['pid']}"):
            notes.append(note)
        else:
            path.unlink(missing_ok=True)
    return notes
