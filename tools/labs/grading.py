"""Points for an answer: what was expected, what was seen, and a hint where they differ."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys

from .lab import Check, Lab, LabError
from .variant import Variant

# What of a failed run says why.
TELLING = re.compile(r"^not ok|^# \S+:\d+: |^#   (left|right): |PANIC: |no panic with|"
                     r"no end after|: no tests")
QEMU_FAILED = re.compile(r"QEMU-FAILED: ")  # tools/run: not even started
MOST_LINES = 12


class Grader:
    """Grades answers to one lab, in kernels of their own."""

    def __init__(self, lab: Lab, reference: pathlib.Path, home: pathlib.Path, work: pathlib.Path):
        self.lab, self.reference, self.home, self.work = lab, reference, home, work

    def grade(self, files: dict[str, bytes], architectures: list[str]) -> dict:
        """{"lab", "title", "points", "of", "files", "checks": [...]}. A check gives its points if
        nothing is wrong on any of the architectures."""
        kernels = {arch: Kernel(self, files, arch) for arch in architectures}
        checks = []
        for check in self.lab.checks:
            seen = {arch: kernel.judge(check) for arch, kernel in kernels.items()}
            good = all(right for right, _ in seen.values())
            checks.append({"name": check.name, "points": check.points if good else 0,
                           "of": check.points, "expected": check.expected,
                           "seen": {arch: said for arch, (_, said) in seen.items()},
                           "hint": "" if good else check.hint})
        return {"lab": self.lab.number, "title": self.lab.title,
                "points": sum(check["points"] for check in checks),
                "of": sum(check["of"] for check in checks),
                "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
                "checks": checks}


class Kernel:
    """An answer built for one architecture, and what it does."""

    def __init__(self, grader: Grader, files: dict[str, bytes], arch: str):
        self.grader, self.arch = grader, arch
        self.variant = Variant(grader.lab, files, grader.reference, grader.home,
                               grader.work / arch, arch)
        self.complaint = self.variant.build()
        self.findings, self.told = None, False

    def judge(self, check: Check) -> tuple[bool, str]:
        """(whether it is right, what was seen)."""
        if self.complaint:
            return False, self._complain()
        if check.args:
            return self._boot(check)
        if check.questions:
            said = self.variant.ask(self.grader.lab.folder / check.questions)
            return not said, first_errors(said) if said else "it compiles"
        if check.proved or check.sites:
            if self.findings is None:
                self.findings = self.variant.prove()
            return self._sites(check) if check.sites else (not self.findings,
                                                           head(self.findings) or "proved")
        return True, "it compiles and links"

    def _complain(self) -> str:
        """The errors, when they are told for the first time."""
        errors = "" if self.told else f": {first_errors(self.complaint)}"
        self.told = True
        return f"it does not compile{errors}"

    def _sites(self, check: Check) -> tuple[bool, str]:
        proof = json.loads((self.variant.folder / "proof.json").read_text(encoding="utf-8"))
        rules = sorted({site["rule"] for site in proof["sites"]
                        if site["function"] == check.sites["function"]})
        return (rules == check.sites["rules"],
                f"{check.sites['function']} states rule {' and '.join(map(str, rules)) or 'none'}")

    def _boot(self, check: Check) -> tuple[bool, str]:
        """One boot with counted instructions: the same every time."""
        command = [sys.executable, str(self.grader.reference / "tools" / "run"), "--quiet",
                   "--arch", self.arch, "--build", str(self.variant.folder), "--smp",
                   str(check.smp), "--mem", check.mem, "--args", check.args, "--timeout", "60",
                   "--view", "raw", "--name", f"lab{self.grader.lab.number}.{self.arch}"]
        if check.expect_panic:
            command += ["--expect-panic", check.expect_panic]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False)
        lines = done.stdout.splitlines()
        if done.returncode not in (0, 1) or any(QEMU_FAILED.match(line) for line in lines):
            raise LabError(f"could not grade: '{check.args}' did not boot on {self.arch}; that is "
                           "not the answer's fault (make doctor):\n" +
                           "\n".join(lines[-MOST_LINES:]))
        telling = list(dict.fromkeys(line.strip() for line in lines if TELLING.search(line)))
        return done.returncode == 0, "as expected" if done.returncode == 0 else head(
            "\n".join(telling or lines[-1:]))


def head(text: str) -> str:
    """As much of it as is read."""
    lines = text.splitlines()
    more = [f"... and {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)


def first_errors(said: str) -> str:
    """Of a compiler's or linker's words, those that count."""
    errors = [line.replace("error: static assertion failed: ", "") for line in said.splitlines()
              if "error:" in line or "undefined" in line]
    return head("\n".join(errors) or said)


def text_of(graded: dict) -> str:
    """The result in words, for a terminal of 80 columns and more."""
    lines = []
    for check in graded["checks"]:
        full = check["points"] == check["of"]
        lines.append(f"{'ok    ' if full else 'not ok'} {check['points']} of {check['of']}  "
                     f"{check['name']}")
        if full:
            continue
        lines.append(f"       expected: {check['expected']}")
        for seen in dict.fromkeys(check["seen"].values()):  # what is the same on both, once
            where = " and ".join(arch for arch, said in check["seen"].items() if said == seen)
            first, *others = seen.splitlines() or [""]
            lines.append(f"       seen on {where}: {first}")
            lines += [f"         {line}" for line in others]
        lines.append(f"       hint: {check['hint']}")
    lines.append(f"lab {graded['lab']}, {graded['title']}: {graded['points']} of {graded['of']} "
                 "points")
    return "\n".join(lines)
