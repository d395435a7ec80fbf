"""Mutants in the sources, for what bytes cannot show: tests/data/mutation/source/*.patch.

Each is a patch of one source file, headed by its verdict and the reason. The file is compiled as
the build does, linked with the build's other objects, and given to the detectors.
"""

import dataclasses
import pathlib
import re
import subprocess

import relink
from prove.image import Image
from prove.program import Program
from prove.rules import conclude

from .labels import FOLDER, Label, verdict_of

ROOT = FOLDER.parents[2]


@dataclasses.dataclass(frozen=True, slots=True)
class SourceMutant:
    """A patch and its label."""
    label: Label
    patch: pathlib.Path


def read(arch: str) -> list[SourceMutant]:
    """The patches that concern an architecture."""
    found = []
    for path in sorted((FOLDER / "source").glob("*.patch")):
        text = path.read_text(encoding="utf-8")
        head = re.match(r"(\w+): (.+)\narchitecture: (both|x86_64|aarch64)\n", text)
        file = re.search(r"^\+\+\+ b/(\S+)", text, re.MULTILINE)
        if head is None or file is None:
            raise ValueError(f"{path}: no verdict, reason, architecture or file")
        if head.group(3) in ("both", arch):
            label = Label(verdict_of(head.group(1), str(path)), file.group(1), path.stem, "source",
                          "patch", head.group(2))
            found.append(SourceMutant(label, path))
    return found


def apply(mutant: SourceMutant, folder: pathlib.Path) -> pathlib.Path:
    """The patched file, in `folder`; an error if the patch does not fit any more."""
    source = folder / pathlib.Path(mutant.label.file).name
    source.write_bytes((ROOT / mutant.label.file).read_bytes())
    subprocess.run(["patch", "--quiet", str(source), str(mutant.patch)], check=True)
    return source


def build(mutant: SourceMutant, preset: pathlib.Path, folder: pathlib.Path) -> str:
    """Builds the mutant into `folder`; returns what the compiler says against it, or nothing."""
    source = apply(mutant, folder)
    original = str(ROOT / mutant.label.file)
    relinked, new_object = relink.Build(preset), folder / "mutant.obj"
    done = relinked.compile(original, source, new_object)
    if done.returncode != 0:
        return next((line for line in done.stderr.splitlines() if "error:" in line), "error")
    done = relinked.link({relinked.object_of(original): new_object}, folder)
    if done.returncode != 0:
        raise RuntimeError(f"{mutant.label.name}: {done.args}\n{done.stderr}")
    return ""


def prove(folder: pathlib.Path) -> list[str]:
    """What the prover finds in the built mutant."""
    program = Program(Image(str(folder / "fathom.elf")))
    program.prove()
    return [finding.kind for finding, _ in conclude(program).findings]
