"""A kernel in which a few objects are others than the build's.

Each is compiled by the build's own command, then all is linked by the build's own link steps: what
differs from a build from nothing is only where the time goes. Used by tools/mutate and tools/labs.
"""

import json
import pathlib
import re
import subprocess

# First link, symbol table, its assembly, second link: tools/cmake/kernel_image.cmake.
LINK_STEPS = 4
PRODUCTS = ("fathom.pass1.elf", "fathom.elf", "symbols.S")


def shell(command: str, folder: pathlib.Path) -> subprocess.CompletedProcess:
    """Runs one command line of the build."""
    return subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True,
                          check=False)


class Build:
    """A preset's build folder, whose objects are up to date."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        entries = json.loads((folder / "compile_commands.json").read_text(encoding="utf-8"))
        self.entry_of = {entry["file"]: entry for entry in entries}

    def object_of(self, source: str) -> str:
        """The object of a source file, both as the build names them."""
        return re.search(r" -o (\S+)", self.entry_of[source]["command"]).group(1)

    def compile(self, original: str, source: pathlib.Path, into: pathlib.Path,
                first: str = "", last: str = "") -> subprocess.CompletedProcess:
        """Compiles `source` as the build does `original`; `first` stands before its options, `last`
        behind them."""
        entry = self.entry_of[original]
        command = entry["command"].replace(f"-o {self.object_of(original)}", f"-o {into}")
        command = command.replace(f"-c {original}", f"-c {source}")
        compiler, options = command.split(" ", 1)
        return shell(f"{compiler} {first} {options} {last}", pathlib.Path(entry["directory"]))

    def link(self, replaced: dict[str, pathlib.Path],
             into: pathlib.Path) -> subprocess.CompletedProcess:
        """Links fathom.elf (and Image) into a folder, with `replaced` in the place of the build's
        objects. Returns the last step that was taken."""
        steps = shell("ninja -t commands fathom.elf", self.folder).stdout.splitlines()
        for step in steps[-LINK_STEPS:]:
            for old, new in replaced.items():
                step = re.sub(rf"(?<=\s){re.escape(old)}(?=\s)", str(new), step)
            for name in PRODUCTS:
                step = re.sub(rf"(?<=[ ,])(?:{re.escape(str(self.folder))}/)?"
                              rf"(?:CMakeFiles/fathom.dir/)?{re.escape(name)}(?=[ .]|$)",
                              str(into / name), step)
            # What follows the last link is the build's own proof.
            done = shell(re.sub(r"(-o \S+/fathom\.elf) .*", r"\1", step), self.folder)
            if done.returncode != 0:
                return done
        # By the step itself, not by an Image that lies there: the build may never have linked one.
        if "objcopy -O binary" in steps[-1]:
            done = shell(f"aarch64-linux-gnu-objcopy -O binary {into}/fathom.elf {into}/Image",
                         self.folder)
        return done
