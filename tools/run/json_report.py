"""A run as JSON: what it was, how it ended, each test."""

import json
import re

from . import replay

CYCLES = re.compile(r"^# (\d+) cycles$")


def write(path, options, reader, verdict, seconds):
    """Writes the report; its form is what this function says."""
    report = {"name": options.name, "arch": options.arch, "build": options.build.name,
              "smp": options.smp, "seed": options.seed, "status": verdict.status,
              "reasons": verdict.reasons, "seconds": round(seconds, 3),
              "again": replay.command(options), "panics": reader.panics,
              "planned": reader.top.planned if reader.top else 0,
              "tests": [describe(result, options) for result in reader.results]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def describe(result, options):
    """One test."""
    status = "skipped" if result.skipped else "passed" if result.ok else "failed"
    found = {"number": result.number, "name": result.name, "status": status,
             "instructions" if not options.real_time else "cycles": cycles_of(result),
             "seconds": None if result.seconds is None else round(result.seconds, 4)}
    if result.reason:
        found["reason"] = result.reason
    if status == "failed":
        found |= {"output": result.output, "again": replay.command(options, result.name)}
    return found


def cycles_of(result):
    """What the runner has measured of a test, or None."""
    for line in result.output:
        match = CYCLES.match(line)
        if match:
            return int(match.group(1))
    return None
