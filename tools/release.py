#!/usr/bin/python3
"""Collects what a release ships: images, symbols, checksums and how to run them.

    make release                                       # into build/release
    /usr/bin/python3 tools/release.py --out FOLDER

fathom-x86_64.iso (GRUB, BIOS and UEFI), fathom-<arch>.elf without debug information and
fathom-<arch>.debug with it, fathom-aarch64.Image, RUN.txt with the exact QEMU lines, SHA256SUMS.
"""

import argparse
import hashlib
import pathlib
import shlex
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
# pylint: disable=wrong-import-position
from run import machine, media
from run.options import ARCHITECTURES, NO_INPUT, ROOT, RunOptions, UsageError

# What belongs to tools/run and not to a person's command: its sockets.
OWN_OPTIONS = ("-gdb", "-qmp")
INPUT = "input.txt"
# A person stops QEMU with Ctrl-C, which tools/run leaves to the guest.
OWN_CONSOLE, CONSOLE = "stdio,id=console,signal=off", "stdio,id=console,signal=on"
# What QEMU exits with when the kernel has passed (run/machine.py, guest_status()).
PASSED = {"x86_64": 33, "aarch64": 0}
ENDS = f"""\
# Each line boots, runs the main job and then the tests, and ends by itself; Ctrl-C ends it before.
# `echo $?` after it: {PASSED['x86_64']} on x86_64 and {PASSED['aarch64']} on aarch64 say that all \
has passed, 35 and 1 that
# something failed, 37 and 2 that the kernel panicked.

"""


def split_symbols(elf: pathlib.Path, out: pathlib.Path, arch: str) -> None:
    """The image without debug information, and a file with nothing else, which GDB finds."""
    objcopy = f"{arch}-linux-gnu-objcopy"
    image, debug = out / f"fathom-{arch}.elf", out / f"fathom-{arch}.debug"
    media.run_quietly([objcopy, "--only-keep-debug", str(elf), str(debug)])
    media.run_quietly([objcopy, "--strip-debug", "--remove-section=.rela.*",
                       f"--add-gnu-debuglink={debug}", str(elf), str(image)])


def qemu_line(options: RunOptions, names: dict[str, str]) -> str:
    """The QEMU command of a run with the released files in place of the built ones."""
    with tempfile.TemporaryDirectory(prefix="fathom-release-") as folder:
        words = machine.qemu_command(options, pathlib.Path(folder))
        kept = [word for at, word in enumerate(words) if word not in OWN_OPTIONS
                and (at == 0 or words[at - 1] not in OWN_OPTIONS)]
        names = names | {f"{folder}/fathom.iso": "fathom-x86_64.iso", OWN_CONSOLE: CONSOLE}
        return shlex.join(names.get(word, word) for word in kept)


def lines_of(build: pathlib.Path) -> list[tuple[str, str]]:
    """[(what, QEMU command)] for each way to run the release."""
    ways = [("x86_64, the ISO (it holds the text that the search reads)",
             RunOptions(arch="x86_64", build=build / "x86_64-release", boot="iso", dry=True)),
            ("x86_64, the kernel directly",
             RunOptions(arch="x86_64", build=build / "x86_64-release", boot="direct", dry=True)),
            ("aarch64", RunOptions(arch="aarch64", build=build / "aarch64-release", dry=True))]
    found = []
    for what, options in ways:
        names = {str(options.elf): f"fathom-{options.arch}.elf", str(options.input): INPUT,
                 str(options.build / "Image"): "fathom-aarch64.Image"}
        found.append((what, qemu_line(options, names)))
    return found


def collect(build: pathlib.Path, out: pathlib.Path) -> None:
    """Writes the release into `out`, anew."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    plain = RunOptions(arch="x86_64", build=build / "x86_64-release", boot="iso")
    for arch in ARCHITECTURES:
        elf = build / f"{arch}-release" / "fathom.elf"
        if not elf.exists():
            raise UsageError(f"{elf} is not built: make release builds it")
        split_symbols(elf, out, arch)
    shutil.copyfile(build / "aarch64-release" / "Image", out / "fathom-aarch64.Image")
    shutil.copyfile(plain.input, out / INPUT)
    with tempfile.TemporaryDirectory(prefix="fathom-release-") as folder:
        module = plain.input if plain.input != NO_INPUT else None
        iso = media.make_iso(plain.elf, plain.command_line_words(), module, pathlib.Path(folder))
        shutil.copyfile(iso, out / "fathom-x86_64.iso")
    text = "".join(f"# {what}\n{command}\n\n" for what, command in lines_of(build))
    (out / "RUN.txt").write_text(
        f"{ENDS}{text}# GDB: symbol-file fathom-<arch>.debug\n", encoding="utf-8")
    write_sums(out)


def write_sums(out: pathlib.Path) -> None:
    """SHA256SUMS over all files, as sha256sum -c reads it."""
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in sorted(out.iterdir())]
    (out / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "release")
    options = parser.parse_args()
    try:
        collect(options.build, options.out)
    except UsageError as error:
        print(f"tools/release.py: {error}", file=sys.stderr)
        return 2
    for path in sorted(options.out.iterdir()):
        print(f"{path.stat().st_size:>10}  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
