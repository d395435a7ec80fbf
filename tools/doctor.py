#!/usr/bin/python3
"""Says of each tool in tools/packages.txt: the version needed, the version found, what it is for,
and the apt line that mends what is missing. Exits 0 if nothing needed is missing or too old."""

import argparse
import dataclasses
import glob
import importlib.metadata
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

LIST = pathlib.Path(__file__).resolve().parent / "packages.txt"
VERSION = re.compile(r"(\d+(?:\.\d+)+)")
# Python modules whose distribution has another name.
DISTRIBUTIONS = {"elftools": "pyelftools"}


@dataclasses.dataclass
class Need:
    """One line of the list."""

    package: str
    tool: str
    least: str
    purpose: str
    optional: bool


def read_list(text, architecture):
    """The needs that apply to a host of this (Debian) architecture."""
    needs = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 5:
            raise ValueError(f"line {number}: five fields are needed: {line}")
        host, package, tool, least, purpose = fields
        if host == "any" or host == architecture or (host[0] == "!" and host[1:] != architecture):
            needs.append(Need(package.lstrip("?"), tool, least, purpose, package[0] == "?"))
    return needs


def found_version(tool):
    """The version of a tool as text; "yes" where it has none to tell; None if it is not there. A
    path may hold a `*` where one distribution's version stands."""
    if tool.startswith("py:"):
        return module_version(tool[3:])
    if tool.startswith("/") and not os.path.isfile(tool):
        return "yes" if glob.glob(tool) else None
    if tool.startswith("/") and not os.access(tool, os.X_OK):
        return "yes"
    if shutil.which(tool) is None:
        return None
    # grub-mkrescue and others answer on either stream.
    answer = subprocess.run([tool, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    version = VERSION.search(without_package_version(answer.stdout))
    return version.group(1) if version else "yes"


def without_package_version(text):
    """`GNU gdb (Debian 13.1-3) 13.1` tells its version at the end: drop what is in brackets."""
    bare = re.sub(r"\([^)]*\)", "", text)
    return bare if VERSION.search(bare.split("\n")[0]) else text


def module_version(name):
    if importlib.util.find_spec(name) is None:
        return None
    try:
        return importlib.metadata.version(DISTRIBUTIONS.get(name, name))
    except importlib.metadata.PackageNotFoundError:
        return "yes"


def as_numbers(version):
    return [int(part) for part in re.findall(r"\d+", version)]


def good_enough(need, found):
    """Whether `found` (see found_version) serves the need."""
    if found is None:
        return False
    if need.least == "-" or found == "yes":
        return True
    return as_numbers(found) >= as_numbers(need.least)


def debian_architecture():
    try:
        return subprocess.run(["dpkg", "--print-architecture"], text=True, check=True,
                              stdout=subprocess.PIPE).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, "unknown")


def examine(needs, find=found_version):
    """Prints one line per need; returns the packages that would mend what is not well."""
    mending = []
    print(f"{'':7} {'tool':22} {'needed':6} {'found':8} for")
    for need in needs:
        found = find(need.tool)
        good = good_enough(need, found)
        mark = "ok" if good else ("-" if need.optional else "MISSING" if found is None else "OLD")
        tool = need.tool if not need.tool.startswith("/") else need.package
        print(f"{mark:7} {tool:22} {need.least:6} {found or 'none':8} {need.purpose}")
        if not good and not need.optional:
            mending.append(need.package)
    return mending


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", type=pathlib.Path, default=LIST)
    options = parser.parse_args(arguments)
    needs = read_list(options.list.read_text(encoding="utf-8"), debian_architecture())
    mending = examine(needs)
    if mending:
        print(f"\nto mend: sudo apt-get install {' '.join(mending)}")
        return 1
    print("\nall that is needed is here")
    return 0


if __name__ == "__main__":
    sys.exit(main())
