"""The build whose objects a graded kernel may take, so that little has to be compiled.

An object is taken only if it is what the reference would give: the same command, and each file that
it was compiled from is, byte for byte, the reference's. So what else has been changed in the tree
that the build is of (a test, a header in front of another, a setting) counts for nothing.
"""

import fcntl
import pathlib
import re
import subprocess
import sys

from relink import Build

from .lab import LabError

# What a build is made by and no object is compiled from.
RECIPE = ("CMakeLists.txt", "CMakePresets.json", "tools/cmake/*", "tools/toolchains/*",
          "tools/make_symbols.py", "tools/generate_sweep.py", "boot/*/fathom.ld",
          "kernel/**/CMakeLists.txt", "tests/*/CMakeLists.txt", "boot/CMakeLists.txt")
CHOICE = re.compile(r"^(FATHOM_\w+):(?:BOOL|STRING)=(.*)$", re.MULTILINE)
NO_MATTER = {"FATHOM_PROVE"}  # what follows a link; a lab asks the prover itself


def same(one: pathlib.Path, other: pathlib.Path) -> bool:
    """Whether both are there, with the same bytes, or neither."""
    if not one.exists() or not other.exists():
        return one.exists() == other.exists()
    return one.read_bytes() == other.read_bytes()


def configure(preset: str, tree: pathlib.Path, *options: str) -> None:
    """Configures a tree by one of its presets."""
    done = subprocess.run(["cmake", "--preset", preset, *options], cwd=tree, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise LabError(f"cmake --preset {preset} fails in {tree}:\n{done.stdout}")


class Base:
    """A release build of the tree `home`, beside `made`: the reference's, configured from nothing,
    in which no object is yet."""

    def __init__(self, home: pathlib.Path, reference: pathlib.Path, made: pathlib.Path, arch: str):
        self.home, self.reference, self.made = home, reference, made
        self.folder = home / "build" / f"{arch}-release"
        self._compared = {}

    def bring_up_to_date(self) -> None:
        """Builds the objects as far as they can be: who is at work may have left one broken."""
        self._check_recipe()
        if not (self.folder / "build.ninja").exists():
            print(f"{self.folder.name}: building what is the same for every answer, this once",
                  file=sys.stderr, flush=True)
            configure(self.folder.name, self.home)
        self._check_choices()
        with open(self.folder / ".labs.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two ninjas must not write one log
            subprocess.run(["ninja", "-k", "0", "--quiet", "fathom_kernel", "fathom_pass1"],
                           cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False)
        self._build, self._deps = Build(self.folder), self._dependencies()

    def _check_recipe(self) -> None:
        names = {str(path.relative_to(tree)) for tree in (self.home, self.reference)
                 for glob in RECIPE for path in tree.glob(glob) if path.is_file()}
        wrong = sorted(name for name in names
                       if not same(self.home / name, self.reference / name))
        if wrong:
            raise LabError(f"{', '.join(wrong)}: changed, and every object depends on it; put it "
                           "back as it was, then grade again (nothing has been changed)")

    def _check_choices(self) -> None:
        """A cache keeps what somebody chose once, whatever the preset says."""
        theirs, ours = ({name: value for name, value in CHOICE.findall(
            (folder / "CMakeCache.txt").read_text(encoding="utf-8")) if name not in NO_MATTER}
            for folder in (self.folder, self.made))
        wrong = [f"{name} is {theirs.get(name)}, not {ours.get(name)}"
                 for name in sorted({*theirs, *ours}) if theirs.get(name) != ours.get(name)]
        if wrong:
            raise LabError(f"build/{self.folder.name} is configured otherwise than its preset: "
                           f"{', '.join(wrong)}; cmake --fresh --preset {self.folder.name}, in "
                           f"{self.home}, puts that right; then grade again")

    def _dependencies(self) -> dict[str, list[str]]:
        """{object: the files that it was compiled from}."""
        said = subprocess.run(["ninja", "-t", "deps"], cwd=self.folder, stdout=subprocess.PIPE,
                              text=True, check=True).stdout
        found = {}
        for paragraph in said.split("\n\n"):
            head, *lines = paragraph.strip().splitlines() or [""]
            if "(VALID)" in head:
                found[head.partition(":")[0]] = [line.strip() for line in lines]
        return found

    def sources_of(self, made: Build, source: str) -> set[str] | None:
        """The files of the tree behind a unit's object, if the object may be taken as it is."""
        original = self._in_base(source)
        name = made.object_of(source)
        deps = self._deps.get(name)
        if original not in self._build.entry_of or deps is None or \
                not (self.folder / name).exists() or \
                self._command(self._build, original) != self._command(made, source):
            return None
        ours = [path for path in {original, *deps} if path.startswith(f"{self.home}/")]
        if not all(self._is_the_references(path) for path in ours):
            return None
        return {path.removeprefix(f"{self.home}/") for path in ours}

    def _in_base(self, path: str) -> str:
        """A path of the reference or of `made`, as the base has it."""
        return path.replace(f"{self.made}/", f"{self.folder}/").replace(
            f"{self.reference}/", f"{self.home}/")

    def _command(self, build: Build, source: str) -> str:
        """How a unit is compiled, whatever the places are called."""
        folder, tree = ((self.made, self.reference) if build is not self._build
                        else (self.folder, self.home))
        return build.entry_of[source]["command"].replace(str(folder), "<build>").replace(
            str(tree), "<tree>")

    def _is_the_references(self, path: str) -> bool:
        if path not in self._compared:
            below, other = ((self.folder, self.made) if path.startswith(f"{self.folder}/")
                            else (self.home, self.reference))
            self._compared[path] = same(pathlib.Path(path),
                                        other / pathlib.Path(path).relative_to(below))
        return self._compared[path]
