"""Clang's thread-safety analysis of one unit, over a copy of the sources with the witnesses as
attributes (witnesses.py)."""

import pathlib
import re
import shlex
import subprocess

import witnesses

ROOT = pathlib.Path(__file__).resolve().parents[2]
# These define what the attributes mean; theirs are written by hand.
BY_HAND = {"kernel/context/witness.hpp", "kernel/context/atomic_scope.hpp"}
FLAGS = ["-DFATHOM_LINT", "-fsyntax-only", "-Wthread-safety", "-Wthread-safety-beta",
         "-Wthread-safety-negative", "-Wno-error", "-fno-color-diagnostics"]
# Most of a unit's time is these headers, so they are parsed once.
COMMON = ["algorithm", "array", "atomic", "bit", "concepts", "optional", "span", "string_view",
          "context/log.hpp", "context/per_cpu.hpp", "mm/frame_allocator.hpp", "mm/heap.hpp",
          "sched/scheduler.hpp", "sync/mutex.hpp"]
# That a lock is known NOT to be held is asked for the context only: for locks, the lock order of
# hardened builds does the work without an attribute at each function of a class.
NEGATIVE = re.compile(r"requires negative capability '!(?!(?:.*::)?atomic_section)")


def copy_sources(folder: pathlib.Path) -> None:
    """Brings the annotated copy of kernel/ up to date; only what changed is written."""
    for source in (ROOT / "kernel").rglob("*"):
        if source.suffix not in (".hpp", ".cpp", ".h"):
            continue
        name = source.relative_to(ROOT)
        text = source.read_text()
        if name.as_posix() not in BY_HAND:
            text = witnesses.annotate(text)
        copy = folder / name
        if not copy.exists() or copy.read_text() != text:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)


def copy_of(entry: dict, folder: pathlib.Path) -> pathlib.Path:
    """The copy of the unit that `entry` of compile_commands.json compiles."""
    return folder / pathlib.Path(entry["file"]).relative_to(ROOT)


def command_for(entry: dict, unit: pathlib.Path, folder: pathlib.Path) -> list[str]:
    """The compiler's command line for `unit`, as in `entry`, over the copy."""
    words = shlex.split(entry["command"])
    while words and not words[0].endswith("clang++"):
        words.pop(0)  # ccache and its environment
    kept, skip = [], False
    for word in words:
        if skip or word == "-c" or word == entry["file"]:
            skip = False
        elif word in ("-o", "-MF", "-MT"):
            skip = True
        elif word not in ("-MD", "-g"):
            kept.append(word.replace(f"-I{ROOT}/kernel", f"-I{folder}/kernel"))
    return [*kept, *FLAGS, str(unit)]


def precompile(entry: dict, folder: pathlib.Path) -> str:
    """Parses the common headers for lint(), and returns what is found in them."""
    source = folder / "common.hpp"
    source.write_text("".join(f"#include <{name}>\n" for name in COMMON))
    command = [word for word in command_for(entry, source, folder) if word != "-fsyntax-only"]
    return run([*command[:-1], "-x", "c++-header", "-o", f"{folder}/common.pch", str(source)],
               entry["directory"], folder)


def lint(entry: dict, unit: pathlib.Path, folder: pathlib.Path) -> str:
    """What Clang has to say about one unit, after precompile()."""
    command = command_for(entry, unit, folder)
    return run([*command, "-include-pch", f"{folder}/common.pch"], entry["directory"], folder)


def run(command: list[str], directory: str, folder: pathlib.Path) -> str:
    """What Clang has to say, with the paths of the real sources, without what is not asked."""
    done = subprocess.run(command, cwd=directory, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    kept, dropping = [], False
    for line in done.stdout.replace(f"{folder}/", "").splitlines():
        if re.match(r"\S+:\d+:\d+: (warning|error|note|fatal error):", line):
            dropping = bool(NEGATIVE.search(line)) or (dropping and ": note:" in line)
        if not dropping and not re.match(r"\d+ (warning|error)s? generated|In file incl", line):
            kept.append(line)
    return "\n".join(kept)
