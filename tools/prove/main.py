"""The command line of the prover."""

import argparse
import os
import sys
import time

from . import costs, facts, golden, measured, page
from .cache import Cache
from .disassembly import Listing
from .image import Image, arch_of
from .listing import Code
from .program import Program
from .report import Report
from .rules import conclude
from .source import Lines


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="prove", description="Proves that no stack page can fault in an atomic section of a "
        "kernel image. Exit status 0: proved.")
    parser.add_argument("--elf", required=True, help="the linked kernel, build/*/fathom.elf")
    parser.add_argument("--table", action="store_true", help="print the table of all sites")
    parser.add_argument("--suggest", action="store_true",
                        help="print which windows and rules could be cheaper")
    parser.add_argument("--lists", action="store_true",
                        help="print what is never reached, what is no part of the proof, and "
                        "which facts are believed")
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON")
    parser.add_argument("--html", metavar="FILE", help="write one page with every section's calls")
    parser.add_argument("--golden", metavar="FILE", help="compare the sites with a committed table")
    parser.add_argument("--write-golden", metavar="FILE", help="write that table")
    parser.add_argument("--expect-broken", metavar="KIND",
                        help="exit status 0 exactly if there is a finding of this kind")
    parser.add_argument("--costs", choices=["check", "json"],
                        help="instructions of each rule: over its bar, or as JSON lines")
    parser.add_argument("--cache", metavar="FILE",
                        help="analyse only functions that the last proof with this file did not")
    parser.add_argument("--measured", metavar="LOG", help="the log of a run with adversary=shadow: "
                        "no section may have been deeper than proved; hits for --table")
    parser.add_argument("--quiet", action="store_true", help="print nothing if all is proved")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Runs a proof and reports it; returns the exit status."""
    options = parse(arguments)
    if options.costs:
        return costs.report(Image(options.elf), options.costs)
    begin = time.monotonic()
    listing = None
    if not options.cache or not os.path.exists(options.cache):
        listing = Listing(options.elf, arch_of(options.elf))  # works while we read the rest
    image = Image(options.elf)
    program = Program(image, Code(image, listing))
    cache = Cache(options.cache, program) if options.cache else None
    if cache is not None:
        cache.load()
    program.prove()
    if cache is not None:
        cache.save()
    proof = conclude(program)
    report = Report(proof, Lines(options.elf, image.arch))
    if options.expect_broken:
        return expect(report, options.expect_broken)
    seen = measured.read(options.measured) if options.measured else None
    print_report(report, options, seen, time.monotonic() - begin)
    write_files(report, options, image.compiler)
    differs = [*differences_from_run(report, seen),
               *differences_from_table(report, options.golden, image.compiler)]
    print("\n".join(differs), end="\n" if differs else "")
    return 1 if proof.findings or differs else 0


def write_files(report: Report, options: argparse.Namespace, compiler: str) -> None:
    """Whatever is to be kept of a proof."""
    if options.json:
        report.write_json(options.json)
    if options.html:
        page.write(report, options.html)
    if options.write_golden:
        with open(options.write_golden, "w", encoding="utf-8") as file:
            file.write("\n".join(golden.lines_of(report, compiler)) + "\n")


def differences_from_run(report: Report, seen: list[measured.Measured] | None) -> list[str]:
    """What a stepped run has seen that the proof does not allow."""
    if seen is None:
        return []
    complaints = measured.complaints(seen, report.proof.sites, report.place)
    if not complaints:
        print(f"{len(seen)} sites measured, none deeper than proved")
    return complaints


def differences_from_table(report: Report, path: str | None, compiler: str) -> list[str]:
    """Where the sites are others than in the committed table."""
    differences = golden.compare(report, compiler, path) if path else []
    if differences:
        differences.append(f"the sites differ from {path}; if that is meant: make sites-golden")
    return differences


def print_report(report: Report, options: argparse.Namespace,
                 seen: list[measured.Measured] | None, seconds: float) -> None:
    """The text for people."""
    for line in report.findings():
        print(line)
    if options.table:
        hits = None if seen is None else {line.pc: line.hits for line in seen}
        print("\n".join(report.table(hits)))
    if options.suggest:
        print("\n".join(report.suggestions()))
    if options.lists:
        for name in sorted(report.names.of(n) for n in report.proof.unreached):
            print(f"never reached: {name}")
        for name in report.proof.outside:
            print(f"wrong on purpose, not part of the proof: {report.names.of(name)}")
        believed = facts.believed(report.program)
        report.lines.load(place for place, _ in believed if place)
        for place, text in believed:
            where = f"{report.place(place)}: " if place else ""
            print(f"believed without a check: {where}{text}")
    if report.proof.findings or not options.quiet:
        verdict = "NOT PROVED" if report.proof.findings else "proved"
        print(f"{report.image.path}: {verdict}: {report.summary()}, {seconds:.1f} s")


def expect(report: Report, kind: str) -> int:
    """For kernels that are known to be wrong: the prover must see it."""
    found = [f for f, _ in report.proof.findings if f.kind == kind]
    print(f"{report.image.path}: {len(found)} findings of kind {kind}, as expected" if found else
          f"{report.image.path}: no finding of kind {kind}, but this kernel has some")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
