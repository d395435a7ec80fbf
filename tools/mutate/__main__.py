#!/usr/bin/python3
"""Mutates the sites of the built kernels, and reports who notices: docs/mutation.md.

    /usr/bin/python3 tools/mutate                        everything, both architectures
    /usr/bin/python3 tools/mutate --only-prover          the labelled mutants, by the prover alone
    /usr/bin/python3 tools/mutate --arch x86_64 --labelled --detectors shadow

Exits 0 only if every label agrees with the prover, no proved mutant dies, and shadow's share of
kills has not fallen.
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import time

if not __package__:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    __package__ = "mutate"

# pylint: disable=wrong-import-position
from mutate import campaign, labels, report, source
from mutate.detectors import DETECTORS, ROOT
from mutate.subject import Subject


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutate", description=__doc__.splitlines()[0])
    parser.add_argument("--arch", choices=labels.ARCHITECTURES, help="one architecture only")
    parser.add_argument("--type", default="release", help="build type (%(default)s)")
    parser.add_argument("--only-prover", action="store_true", help="labelled mutants, no boots")
    parser.add_argument("--from-nothing", type=int, default=0, metavar="N",
                        help="so many are proved again as files, with nothing remembered")
    parser.add_argument("--patches", type=lambda text: text.split(","), default=[],
                        help="with --only-prover: patches of sources to be compiled and proved; "
                        "the others are applied only")
    parser.add_argument("--labelled", action="store_true", help="labelled mutants only")
    parser.add_argument("--known", type=int, metavar="N",
                        help="only N of the mutants that shadow is known to kill, and N others")
    parser.add_argument("--detectors", type=lambda text: text.split(","),
                        default=list(DETECTORS), help="comma-separated (all)")
    parser.add_argument("--more", type=int, default=40, metavar="N",
                        help="so many unlabelled mutants are booted as well (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which those are (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=pathlib.Path, help="write every verdict")
    parser.add_argument("--write-score", action="store_true", help="note what shadow kills")
    parser.add_argument("--quiet", action="store_true", help="no line for each mutant")
    return parser.parse_args()


def main() -> int:
    """Runs the campaign; returns the exit status."""
    options = parse()
    began, outcomes, complaints = time.monotonic(), [], []
    for arch in [options.arch] if options.arch else labels.ARCHITECTURES:
        subject = Subject(ROOT / "build" / f"{arch}-{options.type}")
        mine = run(subject, labels.read(arch), options)
        outcomes += mine
        of_sites = [outcome for outcome in mine if outcome.label.place != "source"]
        complaints += campaign.from_nothing(subject, of_sites, options.from_nothing, options.seed)
        complaints += [text for outcome in mine for text in outcome.complaints()]
        if options.write_score:
            report.write_score(mine, arch)
        complaints += report.score_complaints(mine, arch, options.known is None)
    if options.json:
        report.write_json(outcomes, options.json)
    print("\n".join(report.table(outcomes)))
    print("\n".join(f"WRONG: {text}" for text in complaints) or
          f"{len(outcomes)} mutants: every label holds, and no proved mutant dies")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if complaints else 0


def run(subject: Subject, labelled: list[labels.Label], options) -> list[campaign.Outcome]:
    """All mutants of one architecture."""
    def progress(outcome: campaign.Outcome) -> None:
        if not options.quiet:
            print(report.line(outcome), flush=True)

    if options.known is not None:
        labelled = chosen(subject.arch, labelled, options)
    outcomes = campaign.prove_all(subject, labelled, options.jobs)
    if options.only_prover:
        return outcomes + sources(subject, options.patches)
    booted = outcomes
    if options.known is None and not options.labelled:
        others = campaign.prove_all(subject, campaign.all_of(subject), options.jobs)
        booted = outcomes + campaign.sample(subject, others, labelled, options.more,
                                              options.seed)
        outcomes = outcomes + others
    campaign.boot_all(subject, booted, options.detectors, options.jobs, progress)
    if options.known is None:
        outcomes = outcomes + campaign.all_from_source(subject, options.detectors, options.jobs,
                                                       progress)
    return outcomes


def sources(subject: Subject, compiled: list[str]) -> list[campaign.Outcome]:
    """The patches: all must apply, and those named are compiled, linked and proved."""
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for mutant in source.read(subject.arch):
            source.apply(mutant, pathlib.Path(folder))
            if mutant.patch.stem in compiled:
                outcomes.append(campaign.from_source(subject, mutant, []))
    return outcomes


def chosen(arch: str, labelled: list[labels.Label], options) -> list[labels.Label]:
    """A few for the test suite: mutants that shadow kills, and harmless ones."""
    pick = random.Random(options.seed)
    killed = set(report.killed_by_shadow(arch))
    return pick.sample([label for label in labelled if label.name in killed], options.known) + \
        pick.sample([label for label in labelled if not label.harmful], options.known)


if __name__ == "__main__":
    sys.exit(main())
