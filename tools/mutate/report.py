"""Who killed what: text for people, JSON for programs, and the score that may only rise."""

import json
import pathlib

from .campaign import Outcome
from .detectors import DETECTORS
from .labels import FOLDER

LEAST_SHADOW = 60  # percent of the labelled harmful mutants


def row(outcome: Outcome) -> dict:
    label = outcome.label
    said = {None: "unlabelled", True: "harmful", False: "harmless"}[label.harmful]
    return {"arch": outcome.arch, "mutant": label.name, "label": said, "reason": label.reason,
            "prover": outcome.findings,
            "detectors": {name: {"killed": v.killed, "how": v.text, "seconds": round(v.seconds, 1)}
                          for name, v in outcome.verdicts.items()}}


def line(outcome: Outcome) -> str:
    """One mutant in one line: its killers."""
    killers = [f"prover ({', '.join(dict.fromkeys(outcome.findings))})"] if outcome.findings else []
    killers += [name for name, verdict in outcome.verdicts.items() if verdict.killed]
    return f"{outcome.arch} {outcome.label.name}: {', '.join(killers) or 'survives'}"


def table(outcomes: list[Outcome]) -> list[str]:
    """How many of the labelled harmful mutants each detector killed."""
    lines = [f"{'':14}{'x86_64':>12}{'aarch64':>12}"]
    for name in ("compiler", "prover", *DETECTORS):
        cells = []
        for arch in ("x86_64", "aarch64"):
            seen, killed = count(outcomes, arch, name)
            cells.append(f"{killed}/{seen}" if seen else "-")
        if cells != ["-", "-"]:
            lines.append(f"{name:14}{cells[0]:>12}{cells[1]:>12}")
    return lines


def count(outcomes: list[Outcome], arch: str, detector: str) -> tuple[int, int]:
    """(mutants seen, killed) among the labelled harmful ones of an architecture."""
    harmful = [o for o in outcomes if o.arch == arch and o.label.harmful]
    if detector == "prover":
        seen = [o for o in harmful if not o.refused]
        return len(seen), sum(bool(o.findings) for o in seen)
    verdicts = [o.verdicts[detector] for o in harmful if detector in o.verdicts]
    return len(verdicts), sum(v.killed for v in verdicts)


# ---- the score: the names of the labelled mutants that shadow kills

def score_file(arch: str) -> pathlib.Path:
    return FOLDER / f"shadow-{arch}.txt"


def killed_by_shadow(arch: str) -> list[str]:
    """The committed names."""
    return [text for text in score_file(arch).read_text(encoding="utf-8").splitlines()
            if text and text[0] != "#"]


def write_score(outcomes: list[Outcome], arch: str) -> None:
    seen, killed = count(outcomes, arch, "shadow")
    names = sorted(o.label.name for o in outcomes if o.arch == arch and o.label.harmful
                   and "shadow" in o.verdicts and o.verdicts["shadow"].killed)
    head = [f"# The labelled harmful mutants of {arch} that adversary=shadow kills: {killed} of "
            f"{seen}.", "# `make mutate` demands each; ARGS=--write-score writes this."]
    score_file(arch).write_text("\n".join(head + names) + "\n", encoding="utf-8")


def score_complaints(outcomes: list[Outcome], arch: str, whole: bool) -> list[str]:
    """Shadow's share may only rise, and is never below the bar; `whole`: this is all of it."""
    seen, killed = count(outcomes, arch, "shadow")
    if not seen:
        return []
    found = []
    if whole and killed * 100 < LEAST_SHADOW * seen:
        found.append(f"{arch}: shadow kills {killed} of {seen}: under {LEAST_SHADOW} %")
    alive = {o.label.name for o in outcomes if o.arch == arch and "shadow" in o.verdicts
             and not o.verdicts["shadow"].killed}
    found += [f"{arch}: shadow does not kill any more: {name}"
              for name in killed_by_shadow(arch) if name in alive]
    return found


def write_json(outcomes: list[Outcome], path: pathlib.Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row(o) for o in outcomes], indent=1) + "\n", encoding="utf-8")
