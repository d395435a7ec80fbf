"""Runs the kernel with its RAM in a file, so that the rings can be read when it has ended."""

import dataclasses
import pathlib
import tempfile

from run import verdict
from run.guest import Guest
from run.options import RunOptions, UsageError

from . import model, places, rings, threads
from .guest_memory import GuestMemory


@dataclasses.dataclass
class Capture:
    """A run that has ended: what it did, where its sections are, how it went."""

    timeline: model.Timeline
    places: dict[int, places.Place]
    verdict: verdict.Verdict


def run(options: RunOptions, on_bytes=None) -> Capture:
    """Boots with `options` and reads the rings at the end, whatever the end was."""
    with tempfile.TemporaryDirectory(prefix="fathom-trace-") as folder:
        options.ram_file = pathlib.Path(folder) / "ram"
        with Guest(options, on_bytes) as guest:
            end = guest.wait()
            result = verdict.judge(guest.reader, end, options)
        timeline, found = read(options.elf, options.ram_file)
    return Capture(timeline, found, result)


def read(elf: pathlib.Path, ram: pathlib.Path):
    """(Timeline, {address: Place}) from a kernel and the RAM that it left behind."""
    memory = GuestMemory(elf, ram)
    timeline = model.build(rings.read_all(memory), threads.alive(memory))
    if timeline.events == 0:
        raise UsageError("the rings are empty: is tracing off (trace=off, FATHOM_TRACE=off)?")
    return timeline, places.look_up(elf, {section.place for section in timeline.sections})
