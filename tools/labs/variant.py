"""The kernel that is graded: the release build, with what depends on the answer compiled anew.

Its sources are those of a reference tree, but for the answer's files. An object of the build is
taken as it is only if each file that it was compiled from is, byte for byte, the reference's: so
what else has been changed in the tree that the build is of (a test, say) counts for nothing.
"""

import fcntl
import pathlib
import re
import shutil
import subprocess
import sys

from relink import Build

from .lab import Lab, LabError

# What a build is made by and no object is compiled from.
RECIPE = ("CMakeLists.txt", "CMakePresets.json", "tools/cmake/*", "tools/toolchains/*",
          "tools/make_symbols.py", "tools/generate_sweep.py", "boot/*/fathom.ld",
          "kernel/**/CMakeLists.txt", "tests/*/CMakeLists.txt", "boot/CMakeLists.txt")
ANY_UNIT = "kernel/context/log.cpp"  # its options are as good as any other's
POLICY = "kernel/stack_policy.hpp"  # before the generated one on the path


def same(one: pathlib.Path, other: pathlib.Path) -> bool:
    """Whether both are there, with the same bytes, or neither."""
    if not one.exists() or not other.exists():
        return one.exists() == other.exists()
    return one.read_bytes() == other.read_bytes()


def write(path: pathlib.Path, data: bytes) -> None:
    """Writes a file, and its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class Variant:
    """One kernel, for one architecture."""

    def __init__(self, lab: Lab, files: dict[str, bytes], reference: pathlib.Path,
                 home: pathlib.Path, folder: pathlib.Path, arch: str):
        self.lab, self.files, self.reference, self.home = lab, files, reference, home
        self.folder = folder
        self.base = home / "build" / f"{arch}-release"
        self.answer, self.restored = folder / "answer", folder / "restored"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def bring_base_up_to_date(self) -> None:
        """Builds the objects as far as they can be: who is at work may have left one broken."""
        self._check_recipe()
        if not (self.base / "build.ninja").exists():
            done = subprocess.run(["cmake", "--preset", self.base.name], cwd=self.home,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  check=False)
            if done.returncode != 0:
                raise LabError(f"cmake --preset {self.base.name} fails:\n{done.stdout}")
        with open(self.base / ".labs.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two ninjas must not write one log
            subprocess.run(["ninja", "-k", "0", "--quiet", "fathom_kernel", "fathom_pass1"],
                           cwd=self.base, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False)

    def _check_recipe(self) -> None:
        names = {str(path.relative_to(tree)) for tree in (self.home, self.reference)
                 for glob in RECIPE for path in tree.glob(glob) if path.is_file()}
        wrong = sorted(name for name in names
                       if not same(self.home / name, self.reference / name))
        if wrong:
            raise LabError(f"{', '.join(wrong)}: changed, and every object depends on it; put it "
                           "back as it was, then grade again (nothing has been changed)")

    def build(self) -> str:
        """Compiles and links; returns what is said against it, or nothing."""
        build, objects = Build(self.base), {}
        deps = self._dependencies()
        restored = self._restore(deps)
        self._write_answer()
        for path in build.entry_of:
            unit = path.removeprefix(f"{self.home}/")
            used = deps.get(build.object_of(path), set()) | {unit}
            ours = bool(used & set(self.files)) and self.lab.builds(unit)
            if not ours and not used & restored:
                continue
            new = self.folder / f"{len(objects)}.obj"
            folders = [self.answer, self.restored] if ours else [self.restored]
            done = build.compile(path, self._source(unit, folders), new, self._options(folders))
            if done.returncode != 0:
                return re.sub(rf"{re.escape(str(self.folder))}/\w+/", "", done.stderr)
            objects[build.object_of(path)] = new
        done = build.link(objects, self.folder)
        return "" if done.returncode == 0 else done.stderr

    def _dependencies(self) -> dict[str, set[str]]:
        """{object: the files of the tree that it was compiled from}."""
        said = subprocess.run(["ninja", "-t", "deps"], cwd=self.base, stdout=subprocess.PIPE,
                              text=True, check=True).stdout
        found, prefix = {}, f"{self.home}/"
        for paragraph in said.split("\n\n"):
            head, *lines = paragraph.splitlines() or [""]
            found[head.partition(":")[0]] = {line.strip().removeprefix(prefix) for line in lines
                                             if line.strip().startswith(prefix)}
        return found

    def _restore(self, deps: dict[str, set[str]]) -> set[str]:
        """Writes what the build's own tree has otherwise than the reference; returns its names."""
        names = {name for files in deps.values() for name in files
                 if not name.startswith("build/") and name not in self.files
                 and not same(self.home / name, self.reference / name)}
        for name in names:
            if (self.reference / name).exists():
                write(self.restored / name, (self.reference / name).read_bytes())
        return names

    def _write_answer(self) -> None:
        for name, data in self.files.items():
            write(self.answer / name, data)
        if self.lab.policy:
            words = "".join(word.capitalize() for word in self.lab.policy.split("_"))
            template = (self.reference / "tools/cmake/stack_policy.hpp.in").read_bytes()
            write(self.answer / POLICY,
                  template.replace(b"@FATHOM_POLICY_TYPE@", f"{words}Policy".encode()))

    def _source(self, unit: str, folders: list[pathlib.Path]) -> pathlib.Path:
        """Where a unit is read from."""
        return next(folder / unit for folder in (*folders, self.home) if (folder / unit).exists())

    def _options(self, folders: list[pathlib.Path]) -> str:
        """Headers of these folders come first, and places are named as in the tree."""
        arch = self.base.name.removesuffix("-release")
        return " ".join(f"-I{folder}/kernel -I{folder}/kernel/arch/{arch} -I{folder}/tests "
                        f"-fdebug-prefix-map={folder}={self.home} -fmacro-prefix-map={folder}/="
                        for folder in folders)

    def ask(self, questions: pathlib.Path) -> str:
        """Compiles a unit with the answer's headers; what is said against it, or nothing."""
        options = self._options([self.answer, self.restored])
        done = Build(self.base).compile(str(self.home / ANY_UNIT), questions,
                                        self.folder / "questions.obj", options)
        return done.stderr.replace(f"{questions.parent}/", "") if done.returncode != 0 else ""

    def prove(self) -> str:
        """What the prover finds, or nothing."""
        cache = self.folder / "proof.cache"
        if (self.base / "proof.cache").exists():
            shutil.copyfile(self.base / "proof.cache", cache)
        done = subprocess.run([sys.executable, str(self.reference / "tools" / "prove"), "--quiet",
                               "--elf", str(self.folder / "fathom.elf"), "--cache", str(cache),
                               "--json", str(self.folder / "proof.json")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return "" if done.returncode == 0 else done.stdout
