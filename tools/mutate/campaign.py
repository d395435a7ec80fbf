"""One campaign: every mutant goes to the prover, some to the other detectors, too."""

import concurrent.futures
import dataclasses
import multiprocessing
import pathlib
import random
import shutil
import tempfile

from . import detectors, mutants, source
from .labels import Label
from .subject import Subject

# What is done to every site; mutants that a site cannot have are left out.
OFF_KINDS = ("window 0", "window 32", "window 128", "window 4096", "rule 1", "rule 2", "rule 3",
             "rule 4", "rule 5", "silent", "invert", "prefault 256")
ON_KINDS = ("leave", "restore")


@dataclasses.dataclass(slots=True)
class Outcome:
    """A mutant and what everybody said of it."""
    arch: str
    label: Label
    findings: list[str]                 # the prover's kinds, worst first
    verdicts: dict = dataclasses.field(default_factory=dict)  # detector -> Verdict

    @property
    def refused(self) -> bool:
        """The compiler did not take it: there is nothing to prove."""
        return "compiler" in self.verdicts and self.verdicts["compiler"].killed

    @property
    def proved_harmful(self) -> bool:
        return self.refused or bool(self.findings)

    def complaints(self) -> list[str]:
        """What must not be: a label that the prover denies, a proved mutant that dies."""
        found = []
        if self.label.harmful is not None and self.label.harmful != self.proved_harmful:
            said = ", ".join(self.findings) or "nothing wrong"
            found.append(f"{self.arch} {self.label.name}: labelled "
                         f"{'harmful' if self.label.harmful else 'harmless'} "
                         f"({self.label.reason}), but the prover finds: {said}")
        for name in detectors.STRICT:
            verdict = self.verdicts.get(name)
            if verdict is not None and verdict.killed and not self.proved_harmful:
                found.append(f"{self.arch} {self.label.name}: proved, but {name} kills it: "
                             f"{verdict.text}")
        return found


def all_of(subject: Subject) -> list[Label]:
    """Every mutant of every site, without a label."""
    found = []
    for name in sorted(subject.named):
        for kind in OFF_KINDS if name[2].startswith("off") else ON_KINDS:
            label = Label(None, *name, kind)
            if make(subject, label) is not None:
                found.append(label)
    return found


def make(subject: Subject, label: Label) -> list[mutants.Edit] | None:
    """The mutant's edits; None if its site cannot have it."""
    try:
        return mutants.make(subject, subject.named[label.site], label.kind)
    except mutants.NoMutant:
        return None


def prove(subject: Subject, label: Label) -> Outcome:
    """The prover's verdict. A label must name a site that exists and can have the mutant."""
    if label.site not in subject.named:
        raise ValueError(f"{subject.arch}: no such site: {label.name}")
    edits = make(subject, label)
    if edits is None:
        raise ValueError(f"{subject.arch}: the site cannot have this mutant: {label.name}")
    return Outcome(subject.arch, label, [f.kind for f in subject.prove(edits)])


def prove_all(subject: Subject, labels: list[Label], jobs: int) -> list[Outcome]:
    """The prover's verdicts on many, several at a time. Each worker is a copy of this process, and
    has the proof of the kernel from it."""
    with concurrent.futures.ProcessPoolExecutor(
            jobs, multiprocessing.get_context("fork"), _take, (subject,)) as pool:
        return list(pool.map(_prove, labels, chunksize=8))


_subjects: list[Subject] = []  # a worker's


def _take(subject: Subject) -> None:
    _subjects[:] = [subject]


def _prove(label: Label) -> Outcome:
    return prove(_subjects[0], label)


def sample(subject: Subject, outcomes: list[Outcome], known: list[Label], count: int,
           seed: int) -> list[Outcome]:
    """`count` of those that nobody has labelled, of sites that something reaches."""
    names = {label.name for label in known}
    left = [o for o in outcomes if o.label.name not in names and
            subject.is_reached(subject.named[o.label.site])]
    return random.Random(seed).sample(left, min(count, len(left)))


def from_nothing(subject: Subject, outcomes: list[Outcome], count: int, seed: int) -> list[str]:
    """Proves `count` of the mutants again, as files, with nothing remembered; what differs."""
    complaints = []
    for outcome in random.Random(seed).sample(outcomes, min(count, len(outcomes))):
        with tempfile.TemporaryDirectory(prefix="fathom-mutant-") as name:
            subject.write(make(subject, outcome.label), pathlib.Path(name))
            found = source.prove(pathlib.Path(name))
        if sorted(found) != sorted(outcome.findings):
            complaints.append(f"{subject.arch} {outcome.label.name}: from memory "
                              f"{outcome.findings}, from nothing {found}")
    return complaints


def from_source(subject: Subject, mutant: source.SourceMutant, chosen: list[str]) -> Outcome:
    """A mutant in the sources: compiler, prover and, if there are any, the chosen detectors."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fathom-mutant-"))
    try:
        error = source.build(mutant, subject.build, folder)
        outcome = Outcome(subject.arch, mutant.label, [] if error else source.prove(folder))
        outcome.verdicts["compiler"] = detectors.Verdict(bool(error), error or "PASSED", 0)
        if not error:
            boot(subject, outcome, folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome


def boot(subject: Subject, outcome: Outcome, folder: pathlib.Path, chosen: list[str]) -> None:
    """Boots a mutant under the detectors; step-evict only what is proved."""
    for name in chosen:
        if name != "step-evict" or not outcome.proved_harmful:
            outcome.verdicts[name] = detectors.boot(subject.arch, folder, name)


def boot_all(subject: Subject, outcomes: list[Outcome], chosen: list[str], jobs: int,
             progress) -> None:
    """Boots each mutant, several at a time."""
    def one(outcome: Outcome) -> Outcome:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fathom-mutant-"))
        try:
            subject.write(make(subject, outcome.label), folder)
            boot(subject, outcome, folder, chosen)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return outcome

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(one, outcomes):
            progress(outcome)


def all_from_source(subject: Subject, chosen: list[str], jobs: int, progress) -> list[Outcome]:
    """The patches, several at a time."""
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(lambda m: from_source(subject, m, chosen),
                                source.read(subject.arch)):
            progress(outcome)
            outcomes.append(outcome)
    return outcomes
