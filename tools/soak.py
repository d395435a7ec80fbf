#!/usr/bin/python3
"""Runs the kernel with one seed of timer jitter after another, for as long as it is told to.

    /usr/bin/python3 tools/soak.py --seeds 1-200     200 seeds on both architectures
    /usr/bin/python3 tools/soak.py --hours 8 --shard 2/3     overnight: the second of three machines
    /usr/bin/python3 tools/soak.py --seeds 7 --twice     is seed 7 the same run, bit by bit?

Each seed jitters the preemption timer and chooses the number of CPUs. Even seeds run all tests, odd
ones the sweep under adversary=evict. Every tenth seed runs twice, and the two logs must be the same
to the bit. A run that fails prints the command that runs it again, and the soak goes on.
"""

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile
import time

import same_log

ROOT = pathlib.Path(__file__).resolve().parents[1]
ARCHITECTURES = ("x86_64", "aarch64")
AGAIN_EVERY = 10  # seeds: that one runs twice


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=seeds_of, default=(1, 0), metavar="A-B",
                        help="from A to B (from 1 on, without end)")
    parser.add_argument("--hours", type=float, help="stop after that time")
    parser.add_argument("--shard", type=shard_of, default=(1, 1), metavar="I/N",
                        help="only the I-th of every N seeds")
    parser.add_argument("--arch", choices=ARCHITECTURES, action="append", help="only this one")
    parser.add_argument("--type", default="release", help="build type (%(default)s)")
    parser.add_argument("--args", default="run=tests", help="kernel command line (%(default)s)")
    parser.add_argument("--twice", action="store_true", help="every seed runs twice")
    parser.add_argument("--timeout", type=int, default=600, help="seconds until a run has hung")
    options = parser.parse_args()
    if options.hours is None and not options.seeds[1]:
        parser.error("--hours or an end of --seeds is needed")
    return options


def seeds_of(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def shard_of(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not 1 <= int(index) <= int(count):
        raise ValueError(text)
    return int(index), int(count)


def cpus_of(seed: int) -> int:
    return 1 + seed % 4


def boot(options: argparse.Namespace, arch: str, seed: int, log: pathlib.Path) -> list[str]:
    """One run; what it says if it fails."""
    words = options.args
    # Other tests than the sweep's have deadlines that leave no time for evictions.
    if seed % 2 and "adversary=" not in words and "test=" not in words:
        words += f" adversary=evict:{seed}"
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "run"), "--quiet", "--arch", arch, "--build",
         str(ROOT / "build" / f"{arch}-{options.type}"), "--smp", str(cpus_of(seed)), "--seed",
         str(seed), "--args", words, "--log", str(log), "--timeout", str(options.timeout)],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else done.stdout.splitlines()[-40:] or [done.stderr]


def soak_one(options: argparse.Namespace, arch: str, seed: int) -> list[str]:
    """What is wrong with a seed; empty: nothing."""
    if options.twice or seed % AGAIN_EVERY == 0:
        return same_log.trouble_of(lambda log: boot(options, arch, seed, log))
    with tempfile.TemporaryDirectory(prefix="fathom-soak-") as folder:
        return boot(options, arch, seed, pathlib.Path(folder) / "serial.log")


def main() -> int:
    """Returns the exit status: 0 if every run passed."""
    options = parse()
    (first, last), (index, count) = options.seeds, options.shard
    end = time.monotonic() + options.hours * 3600 if options.hours is not None else None
    runs, failed = 0, []
    for seed in itertools.count(first + index - 1, count):
        if last and seed > last or end is not None and time.monotonic() >= end:
            break
        for arch in options.arch or ARCHITECTURES:
            runs += 1
            trouble = soak_one(options, arch, seed)
            if trouble:
                failed.append(f"{arch} seed {seed}")
                print(f"FAILED: {arch} seed {seed}", *trouble, sep="\n", flush=True)
                print(f"this seed again: tools/soak.py --arch {arch} --type {options.type} "
                      f"--args '{options.args}' --seeds {seed} --twice", flush=True)
    print(f"{runs} runs, {len(failed)} failed" + (": " + ", ".join(failed) if failed else ""))
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
