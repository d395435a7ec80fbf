#!/usr/bin/python3
"""Holds the kernel against the rules that types cannot state, by Clang's thread-safety analysis.

    /usr/bin/python3 tools/lint --build build/x86_64-clang-release     every unit of the kernel
    /usr/bin/python3 tools/lint --build ... kernel/sync/mutex.cpp      one of them

Found are: a Preemptible used in an atomic section, a witness that outlived its guard, rule 3
without a section around it, rule 4 inside one, sleeping while atomic, locks leaked, taken twice or
let go without being held, data touched without its lock. Exits 0 if nothing was found.

The units are those of compile_commands.json, compiled as they are there, from a copy of the sources
in which the witnesses have become attributes (witnesses.py). docs/lint.md tells what is found how.
"""

import argparse
import concurrent.futures
import itertools
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import analysis  # pylint: disable=wrong-import-position


def units_of(build: pathlib.Path, only: list[pathlib.Path]) -> list[dict]:
    """The kernel's units in a build, or those of them that are asked for."""
    entries = json.loads((build / "compile_commands.json").read_text())
    wanted = {str(path.resolve()) for path in only}
    return [entry for entry in entries
            if entry["file"].startswith(f"{analysis.ROOT}/kernel/")
            and entry["file"].endswith(".cpp") and (not wanted or entry["file"] in wanted)]


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="lint", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="build folder of a Clang preset; it need only be configured")
    parser.add_argument("unit", type=pathlib.Path, nargs="*", help="only this file")
    options = parser.parse_args()
    build = options.build.resolve()
    folder = build / "lint"
    units = units_of(build, options.unit)
    if not units:
        sys.exit("lint: no such unit in this build")
    analysis.copy_sources(folder)
    in_headers = analysis.precompile(units[0], folder)
    findings = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = pool.map(lambda entry: analysis.lint(entry, analysis.copy_of(entry, folder),
                                                       folder), units)
        for report in itertools.chain([in_headers], reports):
            if report:
                findings += 1
                print(report, flush=True)
    print(f"lint: {len(units)} units, " +
          (f"{findings} with findings" if findings else "nothing to complain about"))
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
