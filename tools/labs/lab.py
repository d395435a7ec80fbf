"""A lab as it lies in labs/: its page, its patches, what is graded."""

import dataclasses
import fnmatch
import json
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "labs"
ARCHITECTURES = ("x86_64", "aarch64")
TOUCHED = re.compile(r"^\+\+\+ b/(\S+)", re.MULTILINE)


class LabError(Exception):
    """Something that whoever typed the command can mend; its text says what and how."""


@dataclasses.dataclass
class Check:
    """One thing that is graded: the build, its proof, a boot, or the rules that sites state."""

    name: str
    points: int
    hint: str
    proved: bool = False        # the prover's verdict
    args: str = None            # of a boot; None: no boot
    smp: int = 1
    mem: str = "128M"
    expect_panic: str = None
    sites: dict = None          # {"function": ..., "rules": [...]}
    questions: str = None       # a unit of the lab's folder that must compile

    @property
    def expected(self) -> str:
        """What was expected, in words."""
        if self.sites:
            rules = " and ".join(map(str, self.sites["rules"]))
            return f"{self.sites['function']} states rule {rules}"
        if self.questions:
            return f"{self.questions} in the lab's folder compiles"
        if self.expect_panic:
            return f"'{self.args}' ends in '{self.expect_panic}'"
        if self.args:
            return f"all passes that '{self.args}' runs, with {self.smp} CPU" + "s" * (self.smp > 1)
        return "no finding of the prover" if self.proved else "it compiles and links"


class Lab:
    """Lab number N: the folder labs/N-*."""

    def __init__(self, number: str):
        found = [path for path in FOLDER.glob("*-*") if path.name.partition("-")[0] == number]
        if len(found) != 1:
            raise LabError(f"there is no lab {number}; there are {', '.join(numbers())}: "
                           "make lab N=1")
        self.folder = found[0]
        self.number = number
        described = json.loads((self.folder / "lab.json").read_text(encoding="utf-8"))
        self.title = described["title"]
        self.policy = described.get("policy")   # None: that of the release build
        self._units = described.get("units")    # what is built with it
        self.checks = [Check(**check) for check in described["checks"]]

    @property
    def page(self) -> pathlib.Path:
        """What the student reads."""
        return self.folder / "README.md"

    @property
    def task(self) -> pathlib.Path:
        """What takes something away."""
        return self.folder / "task.patch"

    def answers(self) -> dict[str, pathlib.Path]:
        """{name: patch on top of the task}; only "solution" passes."""
        return {path.stem: path for path in sorted(self.folder.glob("*.patch"))
                if path != self.task}

    def files(self) -> list[str]:
        """What the student edits: the files that the task touches."""
        return TOUCHED.findall(self.task.read_text(encoding="utf-8"))

    def builds(self, unit: str) -> bool:
        """Whether a unit may be other than in the release build."""
        return self._units is None or any(fnmatch.fnmatch(unit, glob) for glob in self._units)


def numbers() -> list[str]:
    """Those that there are."""
    return sorted(path.parent.name.partition("-")[0] for path in FOLDER.glob("*-*/lab.json"))


def patched(files: dict[str, bytes], patches: list[pathlib.Path]) -> dict[str, bytes]:
    """The files with the patches applied, one after the other. A patch that does not fit is a
    LabError, and nothing has changed."""
    with tempfile.TemporaryDirectory(prefix="fathom-lab-") as name:
        folder = pathlib.Path(name)
        for file, data in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(data)
        for patch in patches:
            done = subprocess.run(["patch", "--forward", "--no-backup-if-mismatch", "-r", "-", "-s",
                                   "-p1", "-i", str(patch)], cwd=folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode != 0:
                raise LabError(f"{patch.parent.name}/{patch.name} does not fit these files; "
                               f"nothing has been changed:\n{done.stdout.rstrip()}")
        return {file: (folder / file).read_bytes() for file in files}
