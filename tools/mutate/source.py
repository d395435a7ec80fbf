"""Mutants in the sources, for what bytes cannot show: tests/data/mutation/source/*.patch.

Each is a patch of one source file, headed by its verdict and the reason. The file is compiled as
the build does, linked with the build's other objects, and given to the detectors.
"""

import dataclasses
import json
import pathlib
import re
import subprocess

from prove.image import Image
from prove.program import Program
from prove.rules import conclude

from .labels import FOLDER, Label, verdict_of

ROOT = FOLDER.parents[2]
# First link, symbol table, its assembly, second link: tools/cmake/kernel_image.cmake.
LINK_STEPS = 4


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
    entry = next(e for e in json.loads((preset / "compile_commands.json").read_text())
                 if e["file"] == original)
    old_object = re.search(r" -o (\S+)", entry["command"]).group(1)
    new_object = str(folder / "mutant.obj")
    command = entry["command"].replace(f"-o {old_object}", f"-o {new_object}")
    done = _shell(command.replace(f"-c {original}", f"-c {source}"), entry["directory"])
    if done.returncode != 0:
        return next((line for line in done.stderr.splitlines() if "error:" in line), "error")
    steps = _shell("ninja -t commands fathom.elf", preset).stdout.splitlines()[-LINK_STEPS:]
    for step in steps:
        step = step.replace(old_object, new_object)
        for name in ("fathom.pass1.elf", "fathom.elf", "symbols.S"):
            step = re.sub(rf"(?<=[ ,])(?:{re.escape(str(preset))}/)?(?:CMakeFiles/fathom.dir/)?"
                          rf"{re.escape(name)}(?=[ .]|$)", str(folder / name), step)
        done = _shell(re.sub(r"(-o \S+/fathom\.elf) .*", r"\1", step), preset)
        if done.returncode != 0:
            raise RuntimeError(f"{mutant.label.name}: {step}\n{done.stderr}")
    if (preset / "Image").exists():
        _shell(f"aarch64-linux-gnu-objcopy -O binary {folder}/fathom.elf {folder}/Image", preset)
    return ""


def _shell(command: str, folder) -> subprocess.CompletedProcess:
    return subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True,
                          check=False)


def prove(folder: pathlib.Path) -> list[str]:
    """What the prover finds in the built mutant."""
    program = Program(Image(str(folder / "fathom.elf")))
    program.prove()
    return [finding.kind for finding, _ in conclude(program).findings]
