#!/usr/bin/python3
"""Measures the figures of the design on both architectures and prints them as JSON lines.

    figures.py [--arch ARCH] [--images FOLDER] [--json FILE] [--check]

Each line is {"arch", "policy", "name", "value", "unit"}. Boots the release kernels with run=figures
(one CPU, counted instructions), then with the sweep, and reads the sites of the linked images and
the size of the bare ones.
With --check the exit status says whether every figure is within its bar.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from bench import rows
from bench.bars import AT_LEAST, AT_MOST

SWEPT = re.compile(r"^(ok|not ok) \d+ - sweep: ")


def kernel_figures(image):
    """What the kernel prints."""
    for row in rows.measure(image):
        yield row["name"], row["value"], row["unit"]


def sweep_figures(image):
    """How many operations were swept, and how many failed."""
    boot = rows.Boot("run=tests 'test=sweep: *'", memory="128M", timeout=600)
    log, _ = rows.log_of(image, boot)
    results = [match.group(1) for match in map(SWEPT.match, log.splitlines()) if match]
    planned = re.search(r"^1\.\.(\d+)$", log, re.MULTILINE)
    count = int(planned.group(1)) if planned else 0
    yield "sweep_operations", count, "operations"
    # What a crash kept from running has not passed.
    yield "sweep_failures", max(count, 1) - results.count("ok"), "operations"


def site_figures(image):
    """What each rule costs, by the linked image."""
    command = [sys.executable, "tools/prove", "--costs", "json", "--elf",
               str(image.build / "fathom.elf")]
    done = subprocess.run(command, cwd=rows.ROOT, check=True, capture_output=True, text=True)
    for row in map(json.loads, done.stdout.splitlines()):
        yield row["name"], row["value"], row["unit"]


def bar_of(arch, name):
    """The most and the least that a figure may be; None where there is no such bar."""
    index = rows.ARCHITECTURES.index(arch)
    return tuple(bars.get(name, (None, None))[index] for bars in (AT_MOST, AT_LEAST))


def size_figures(image):
    """Text and data of the kernel without tests, symbol table and padding to pages."""
    bare = image.build.with_name(f"{image.arch}-bare") / "fathom.elf"
    with bare.open("rb") as file:
        elf = ELFFile(file)
        sections = sum(section["sh_size"] for section in elf.iter_sections()
                       if section["sh_flags"] & SH_FLAGS.SHF_ALLOC
                       and section["sh_type"] == "SHT_PROGBITS")
        address = {name: elf.get_section_by_name(".symtab").get_symbol_by_name(name)[0]["st_value"]
                   for name in ("fathom_symbols_begin", "fathom_symbols_end")}
    symbols = address["fathom_symbols_end"] - address["fathom_symbols_begin"]
    yield "text_and_data", sections - symbols, "bytes"


def misses(arch, name, value):
    """What is wrong with a figure, or None. A kernel that could not measure one prints 0."""
    most, least = bar_of(arch, name)
    if value == 0 and most not in (None, 0):
        return f"{arch} {name}: not measured"
    if most is not None and value > most:
        return f"{arch} {name}: {value} is over {most}"
    if least is not None and value < least:
        return f"{arch} {name}: {value} is under {least}"
    return None


def absent(arch, seen):
    """What has a bar and was not measured: a figure that is not printed has not passed."""
    return [f"{arch} {name}: not measured" for name in {**AT_MOST, **AT_LEAST}
            if bar_of(arch, name) != (None, None) and name not in seen]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", choices=rows.ARCHITECTURES, help="this one only")
    parser.add_argument("--images", type=pathlib.Path, default=rows.ROOT / "build",
                        help="the folder of the build folders")
    parser.add_argument("--json", help="also write the lines to this file")
    parser.add_argument("--check", action="store_true", help="fail where a figure misses its bar")
    options = parser.parse_args()
    lines, wrong = [], []
    for arch in [options.arch] if options.arch else rows.ARCHITECTURES:
        image = rows.Image(arch, options.images.resolve() / f"{arch}-release")
        seen = set()
        for source in (kernel_figures, sweep_figures, site_figures, size_figures):
            for name, value, unit in source(image):
                lines.append(json.dumps({"arch": arch, "policy": "rules", "name": name,
                                         "value": value, "unit": unit}))
                print(lines[-1], flush=True)
                wrong += filter(None, [misses(arch, name, value)])
                seen.add(name)
        wrong += absent(arch, seen)
    if options.json:
        pathlib.Path(options.json).write_text("\n".join(lines) + "\n")
    print("\n".join(wrong), file=sys.stderr)
    return 1 if options.check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
