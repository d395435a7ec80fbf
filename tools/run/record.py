"""Recorded runs: QEMU writes down what comes from outside, and plays it back to go backwards."""

import json
import shutil

from . import media
from .options import UsageError, parse

ARGUMENTS = "arguments.json"
# A file of its own that QEMU keeps the snapshot of the start in; it grows with what is used.
DISK_SIZE = "1G"


def prepare(options, arguments):
    """An empty recording in options.record, with the arguments that made it. It replaces an older
    recording, and nothing else."""
    folder = options.record
    if folder.exists() and not is_replaceable(folder):
        raise UsageError(f"{folder} holds something that is no recording: name a new folder")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    media.run_quietly(["qemu-img", "create", "-q", "-f", "qcow2",
                       str(options.record / "state.qcow2"), DISK_SIZE])
    (options.record / ARGUMENTS).write_text(json.dumps(arguments), encoding="utf-8")


def is_replaceable(folder):
    return folder.is_dir() and ((folder / ARGUMENTS).exists() or not any(folder.iterdir()))


def options_of(folder):
    """The options that play the recording, stopped, for GDB."""
    try:
        arguments = json.loads((folder / ARGUMENTS).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{folder} holds no recording: make record-x86 or record-arm makes "
                         "one") from error
    options = parse(arguments)
    options.record, options.replay = None, folder
    options.log = folder / "replayed.log"
    options.debug = True
    return options
