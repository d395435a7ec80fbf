"""The kernel that is graded: the reference's release build, with the answer's files laid over it.

It is configured anew from the reference tree and its preset. Objects that are the same for every
answer are taken from a build that has them (base.py); all others are compiled here, from the
reference's sources and the answer's files, and from nothing else.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

from relink import Build, shell

from .base import Base, configure
from .lab import Lab, LabError

ANY_UNIT = "kernel/context/log.cpp"  # its options are as good as any other's
POLICY = "kernel/stack_policy.hpp"  # before the generated one on the path
MADE_BY_LINKING = "symbols.S"


def write(path: pathlib.Path, data: bytes) -> None:
    """Writes a file, and its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class Variant:
    """One kernel, for one architecture."""

    def __init__(self, lab: Lab, files: dict[str, bytes], reference: pathlib.Path,
                 home: pathlib.Path, folder: pathlib.Path, arch: str):
        self.lab, self.files, self.reference, self.home = lab, files, reference, home
        self.folder, self.arch = folder, arch
        self.answer, self.made = folder / "answer", folder / "build"
        self.base = Base(home, reference, self.made, arch)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def build(self) -> str:
        """Compiles and links; returns what is said against it, or nothing."""
        configure(f"{self.arch}-release", self.reference, "-B", str(self.made))
        done = shell("ninja --quiet sweep_table", self.made)
        if done.returncode != 0:
            raise LabError(f"could not grade: {done.stdout}")
        self.base.bring_up_to_date()
        self._write_answer()
        build = Build(self.made)
        rest = [(source, answers) for source in build.entry_of
                if (answers := self._answers(build, source)) is not None]
        # The first is the precompiled header, if it is to be compiled at all: all others read it.
        headers = [one for one in rest if one[0].startswith(f"{self.made}/")]
        for some in (headers, [one for one in rest if one not in headers]):
            if complaint := self._compile(build, some):
                return complaint
        done = build.link({}, self.folder)
        return self._named_as_in_the_tree(done.stderr) if done.returncode != 0 else ""

    def _answers(self, build: Build, source: str) -> bool | None:
        """Takes the object of a unit from the base: None. Or says whether the unit, which has to
        be compiled, is compiled with the answer. Where it is not known what an object depends on,
        it is taken to depend on the answer."""
        if pathlib.Path(source).name == MADE_BY_LINKING:
            return None
        sources = self.base.sources_of(build, source)
        with_answer = self.lab.builds(source.removeprefix(f"{self.reference}/"))
        if sources is None or with_answer and sources & set(self.files):
            return with_answer
        name = build.object_of(source)
        (self.made / name).parent.mkdir(parents=True, exist_ok=True)
        (self.made / name).symlink_to(self.base.folder / name)
        return None

    def _compile(self, build: Build, units: list[tuple[str, bool]]) -> str:
        """Compiles units; returns what is said against the first that has something wrong."""
        def one(unit):
            source, with_answer = unit
            into = self.made / build.object_of(source)
            into.parent.mkdir(parents=True, exist_ok=True)
            return build.compile(source, self._source(source, with_answer), into,
                                 self._includes() if with_answer else "", self._names())
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for done in pool.map(one, units):
                if done.returncode != 0:
                    pool.shutdown(cancel_futures=True)
                    return self._named_as_in_the_tree(done.stderr)
        return ""

    def _write_answer(self) -> None:
        for name, data in self.files.items():
            write(self.answer / name, data)
        if self.lab.policy:
            words = "".join(word.capitalize() for word in self.lab.policy.split("_"))
            template = (self.reference / "tools/cmake/stack_policy.hpp.in").read_bytes()
            write(self.answer / POLICY,
                  template.replace(b"@FATHOM_POLICY_TYPE@", f"{words}Policy".encode()))

    def _source(self, source: str, with_answer: bool) -> pathlib.Path:
        """Where a unit is read from."""
        name = source.removeprefix(f"{self.reference}/")
        return self.answer / name if with_answer and name in self.files else pathlib.Path(source)

    def _includes(self) -> str:
        """The answer's headers come first."""
        folders = ("kernel", f"kernel/arch/{self.arch}", "tests")
        return " ".join(f"-I{self.answer}/{folder}" for folder in folders)

    def _names(self) -> str:
        """Places are named as in the tree that the other objects are of. What is said last is
        looked at first."""
        places = ((self.reference, self.home), (self.made, self.base.folder),
                  (self.answer, self.home))
        return " ".join([f"-fmacro-prefix-map={self.answer}/="] +
                        [f"-fdebug-prefix-map={ours}={theirs}" for ours, theirs in places])

    def _named_as_in_the_tree(self, said: str) -> str:
        return said.replace(f"{self.answer}/", "").replace(f"{self.reference}/", "")

    def ask(self, questions: pathlib.Path) -> str:
        """Compiles a unit with the answer's headers; what is said against it, or nothing."""
        done = Build(self.made).compile(str(self.reference / ANY_UNIT), questions,
                                        self.folder / "questions.obj", self._includes())
        said = done.stderr.replace(f"{questions.parent}/", "")
        return self._named_as_in_the_tree(said) if done.returncode != 0 else ""

    def prove(self) -> str:
        """What the prover finds, or nothing."""
        cache, proof = self.folder / "proof.cache", self.folder / "proof.json"
        if (self.base.folder / "proof.cache").exists():
            shutil.copyfile(self.base.folder / "proof.cache", cache)
        done = subprocess.run([sys.executable, str(self.reference / "tools" / "prove"), "--quiet",
                               "--elf", str(self.folder / "fathom.elf"), "--cache", str(cache),
                               "--json", str(proof)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if not proof.exists():
            raise LabError(f"could not grade: the prover came to no end:\n{done.stdout}")
        return "" if done.returncode == 0 else done.stdout
