#!/usr/bin/python3
"""Compiles each misuse in this folder twice: with -DMISUSE it must be refused, for the reason that
its head names; its corrected twin must pass without a word.

    check_misuse.py types --build build/x86_64-release         refused by the guards' types
    check_misuse.py lint  --build build/x86_64-clang-release   refused by the thread-safety lint
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools" / "lint"))
import analysis  # pylint: disable=wrong-import-position
import witnesses  # pylint: disable=wrong-import-position


def field(text: str, name: str) -> str:
    """One line of the head: `// Name: value`."""
    found = re.search(rf"^// {name}: (.*)$", text, re.M)
    if found is None:
        sys.exit(f"a misuse without a line '// {name}:'")
    return found.group(1)


def by_types(entry: dict, source: pathlib.Path, flags: list[str]) -> str:
    """What the kernel's own compiler says."""
    words = shlex.split(entry["command"])
    while "g++" not in words[0]:
        words.pop(0)
    kept, skip = [], False
    for word in words:
        if skip or word in ("-c", "-MD", "-Winvalid-pch", entry["file"]) or "cmake_pch" in word:
            skip = False
        elif word in ("-o", "-MF", "-MT", "-include"):
            skip = True
        else:
            kept.append(word)
    done = subprocess.run([*kept, *flags, "-fsyntax-only", str(source)], cwd=entry["directory"],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout


def by_lint(entry: dict, source: pathlib.Path, flags: list[str], folder: pathlib.Path) -> str:
    """What the lint says. The twins are two copies: the flags stand in the file's name."""
    copy = folder / f"{source.stem}{''.join(flags)}.cpp"
    copy.write_text(witnesses.annotate(source.read_text()))
    command = entry["command"] + "".join(f" {flag}" for flag in flags)
    return analysis.lint({**entry, "command": command}, copy, folder)


def check(layer: str, source: pathlib.Path, folder: pathlib.Path, entry: dict) -> str:
    """An empty string, or what is wrong."""
    text = source.read_text()
    outputs = []
    for flags in (["-DMISUSE"], []):
        outputs.append(by_types(entry, source, flags) if layer == "types"
                       else by_lint(entry, source, flags, folder))
    refused, corrected = outputs
    if not re.search(field(text, "Says"), refused):
        return f"{source.name} ({field(text, 'Misuse')}) is not refused as it should be:\n{refused}"
    if corrected.strip():
        return f"the corrected twin of {source.name} does not compile cleanly:\n{corrected}"
    return ""


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("layer", choices=["types", "lint"])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options = parser.parse_args()
    build = options.build.resolve()
    entries = json.loads((build / "compile_commands.json").read_text())
    entry = next(entry for entry in entries if entry["file"].endswith("kernel/sync/mutex.cpp"))
    folder = build / "misuse"
    if options.layer == "lint":
        analysis.copy_sources(folder)
        analysis.precompile(entry, folder)
    sources = [source for source in sorted(HERE.glob("*.cpp"))
               if field(source.read_text(), "By") == options.layer]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [report for report in pool.map(
            lambda source: check(options.layer, source, folder, entry), sources) if report]
    print("\n".join([*wrong, f"{len(sources) - len(wrong)} of {len(sources)} misuses are refused,"
                             " and only they"]))
    sys.exit(bool(wrong) or not sources)


if __name__ == "__main__":
    main()
