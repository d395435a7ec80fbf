"""The verdicts written by hand: tests/data/mutation/labels.txt, and the patches beside it."""

import dataclasses
import pathlib

ARCHITECTURES = ("x86_64", "aarch64")
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "data" / "mutation"


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """One mutant and what it is."""
    harmful: bool | None  # None: nobody has said
    file: str
    function: str
    place: str            # "off 2": the second site of the function that turns something off
    kind: str             # see mutants.py
    reason: str = ""

    @property
    def site(self) -> tuple[str, str, str]:
        return self.file, self.function, self.place

    @property
    def name(self) -> str:
        return f"{self.file} {self.function} {self.place}: {self.kind}"


def verdict_of(word: str, where: str) -> bool:
    if word not in ("harmful", "harmless"):
        raise ValueError(f"{where}: neither harmful nor harmless: {word}")
    return word == "harmful"


def read(arch: str, path: pathlib.Path = FOLDER / "labels.txt") -> list[Label]:
    """The labelled mutants of sites of one architecture."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line[0] == "#":
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 7 or fields[1] not in ("both", *ARCHITECTURES) or not fields[6]:
            raise ValueError(f"{path}:{number}: not a label: {line}")
        if fields[1] in ("both", arch):
            found.append(Label(verdict_of(fields[0], f"{path}:{number}"), *fields[2:]))
    return found
