"""Choosing tests and running them more than once: --list, --filter, --failed, --repeat.

Which tests failed is kept beside the image, in <build>/failed-tests.json, by each run of tests.
A repetition takes the next seed: with counted instructions the same seed would give the same run.
"""

import dataclasses
import itertools
import json
import os
import shlex

from . import replay, test_list
from .options import UsageError

INTERRUPTED = 130


def list_tests(options):
    """Prints the names of the tests that --filter (all, without it) chooses."""
    for test in test_list.matching(test_list.read(options.elf), options.filter or "*"):
        print(test.name)
    return 0


def plan(options):
    """The runs of one round, as a list of RunOptions."""
    chosen = [options]
    if options.failed:
        names = read_failed(options.build)
        if not names:
            raise UsageError(f"no failed tests are known of {options.build.name}")
        chosen = [narrowed(options, name) for name in names]
    elif options.filter is not None:
        if not test_list.matching(test_list.read(options.elf), options.filter):
            raise UsageError(f"no test of {options.elf} matches {options.filter}: see --list")
        chosen = [narrowed(options, options.filter)]
    return chosen


def narrowed(options, pattern):
    """The same run with only these tests; other words of the command line stay."""
    words = [word for word in shlex.split(options.args) if not word.startswith(("run=", "test="))]
    args = " ".join([replay.only(pattern), *map(shlex.quote, words)])
    return dataclasses.replace(options, args=args)


def execute(options, run_once):
    """Runs what was asked for; `run_once(options)` gives an exit code. Returns the worst."""
    codes, failed = [], []
    for number in rounds(options):
        for index, one in enumerate(plan(options)):
            if number > 0:
                one = dataclasses.replace(one, seed=(options.seed or 0) + number)
            if codes and not options.until_fail:  # of those the last one says all
                one = apart(one, number, index)
            codes.append(run_once(one))
            if codes[-1] not in (0, INTERRUPTED):
                failed.append(one)
            if codes[-1] == INTERRUPTED:
                break
        if INTERRUPTED in codes or failed and options.until_fail:
            break
    if len(codes) > 1:
        print(describe(len(codes), failed), flush=True)
    return max(codes, default=0)


def apart(options, number, index):
    """The same run, whose log and reports do not replace those of the runs before it."""
    label = (f".seed{options.seed}" if number else "") + (f".{index + 1}" if index else "")
    paths = {name: path.with_name(f"{path.stem}{label}{path.suffix}")
             for name in ("log", "json", "junit")
             if (path := getattr(options, name)) is not None}
    return dataclasses.replace(options, **paths)


def describe(count, failed):
    """One line over several runs."""
    if not failed:
        return f"none of {count} runs failed"
    seeds = list(dict.fromkeys("none" if one.seed is None else str(one.seed) for one in failed))
    return f"{len(failed)} of {count} runs failed: seed{'s'[:len(seeds) - 1]} {', '.join(seeds)}"


def rounds(options):
    """0, 1, 2, ...: as many as were asked for."""
    endless = options.until_fail and options.repeat == 1
    return itertools.count() if endless else range(options.repeat)


def failed_file(build):
    return build / "failed-tests.json"


def read_failed(build):
    """The names of the tests that failed when they ran last."""
    try:
        return json.loads(failed_file(build).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []


def note_failed(build, reader):
    """Keeps in mind who failed: tests that ran now are judged anew, the others as before."""
    results = reader.results
    if not results:
        return
    ran = {result.name for result in results}
    failed = [name for name in read_failed(build) if name not in ran]
    failed += [result.name for result in reader.failures]
    # Several runs of one image may end at once: each replaces the file as a whole.
    fresh = failed_file(build).with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(failed, indent=1) + "\n", encoding="utf-8")
    os.replace(fresh, failed_file(build))
