"""Boots a kernel with run=figures and reads the rows that it prints. The one place that measures.

A row is {"arch", "policy", "name", "value", "unit"}. With one CPU the kernel measures single
operations; with more, what all CPUs together execute for each operation: such a row's name ends in
`.N`, for N CPUs.
"""

import pathlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHITECTURES = ("x86_64", "aarch64")
CPU_COUNTS = (1, 2, 4, 8, 16)
MOST_WITH_GIC_V2 = 8

FIGURE = re.compile(r"^figure: (\S+) (\d+) (\S+)$", re.MULTILINE)
POLICY = re.compile(r"stack policy (\w+)")
# What depends on the machine's memory is named by it.
RENAMED = {"threads_1m": "threads_1m_in_256m"}


class Image(NamedTuple):
    """A linked kernel: its architecture and its build folder."""

    arch: str
    build: pathlib.Path


class Boot(NamedTuple):
    """One boot of it."""

    arguments: str
    cpus: int = 1
    memory: str = "256M"
    machine: str = ""  # the architecture's own
    timeout: int = 300


def log_of(image: Image, boot: Boot) -> tuple[str, int]:
    """The serial log of one boot, and its status."""
    gic = ["--gic", "3"] if image.arch == "aarch64" and boot.cpus > MOST_WITH_GIC_V2 else []
    machine = ["--machine", boot.machine] if boot.machine else []
    command = [sys.executable, "tools/run", "--arch", image.arch, "--build", str(image.build),
               "--smp", str(boot.cpus), "--mem", boot.memory, "--boot", "direct", *gic, *machine,
               "--args", boot.arguments, "--name", f"{image.arch}.figures.{boot.cpus}",
               "--timeout", str(boot.timeout)]
    run = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, check=False)
    return run.stdout, run.returncode


def read_rows(arch: str, cpus: int, log: str) -> Iterator[dict]:
    """The rows of a log."""
    policy = POLICY.search(log)
    for name, value, unit in FIGURE.findall(log):
        name = RENAMED.get(name, name) if cpus == 1 else f"{name}.{cpus}"
        yield {"arch": arch, "policy": policy.group(1) if policy else "unknown", "name": name,
               "value": int(value), "unit": unit}


def boot_rows(image: Image, boot: Boot) -> list[dict]:
    """The rows of one boot; ends the program with the log where the run failed."""
    log, status = log_of(image, boot)
    found = list(read_rows(image.arch, boot.cpus, log))
    if status != 0 or not found:
        sys.exit(f"the {image.arch} kernel in {image.build} did not finish; its log:\n{log}")
    return found


def measure(image: Image, cpus: int = 1) -> list[dict]:
    """The rows of an image with so many CPUs."""
    found = boot_rows(image, Boot("run=figures", cpus))
    if cpus == 1 and image.arch == "x86_64":
        # A machine without firmware: what the kernel itself takes from reset.
        found += [{**row, "name": "boot_to_main_microvm"}
                  for row in boot_rows(image, Boot("run=figures", machine="microvm"))
                  if row["name"] == "boot_to_main"]
    if cpus == 1:
        # A larger machine: how many threads fit there.
        found += [{**row, "name": "threads_1m_in_1g"}
                  for row in boot_rows(image, Boot("run=figures", memory="1G"))
                  if row["name"] == "threads_1m_in_256m"]
    return found


def measure_all(images: Iterable[Image], cpu_counts: Iterable[int]) -> list[dict]:
    """The rows of every image, with each number of CPUs."""
    counts = list(cpu_counts)
    return [row for image in images for cpus in counts for row in measure(image, cpus)]
