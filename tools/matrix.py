#!/usr/bin/python3
"""The prover on what other compilers and levels make of the same sources: no false alarm in any.

    tools/matrix.py                     every build of the matrix, in build/matrix-*
    tools/matrix.py x86_64-gcc-O3 ...   these; --list names them all
    tools/matrix.py --boot              run the in-kernel tests of each, too

The tables in tests/data/sites are what the pinned compiler makes at -O2. Of every other build it is
proved that each rule holds and that no section goes deeper than its window.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
ARCHES = ("x86_64", "aarch64")
# name: Clang?, options of CMake
KINDS = {
    "gcc-O1": (False, ["FATHOM_OPTIMIZE=-O1"]),
    "gcc-O2": (False, []),
    "gcc-O3": (False, ["FATHOM_OPTIMIZE=-O3"]),
    "gcc-Os": (False, ["FATHOM_OPTIMIZE=-Os"]),
    "gcc-lto": (False, ["FATHOM_LTO=ON"]),
    "gcc-invariants": (False, ["FATHOM_STACK_INVARIANTS=ON"]),
    "gcc-hardened": (False, ["FATHOM_STACK_INVARIANTS=ON", "FATHOM_HARDENED=ON"]),
    "clang-O2": (True, []),
    "clang-invariants": (True, ["FATHOM_STACK_INVARIANTS=ON"]),
    "clang-hardened": (True, ["FATHOM_STACK_INVARIANTS=ON", "FATHOM_HARDENED=ON"]),
}
# Those of the release's sources: the same rules in the same contexts.
SAME_CODE = ("gcc-O1", "gcc-O2", "gcc-O3", "gcc-Os", "gcc-lto", "clang-O2")
NAMES = [f"{arch}-{kind}" for kind in KINDS for arch in ARCHES]


def run(command: list, log: pathlib.Path) -> bool:
    """Runs a command, its output at the end of `log`; whether it went well."""
    with log.open("a", encoding="utf-8") as file:
        return subprocess.run([str(word) for word in command], cwd=ROOT, stdout=file, check=False,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode == 0


def build(name: str, folder: pathlib.Path, log: pathlib.Path) -> bool:
    """Configures and builds one kernel. The proof comes after, so that its findings are shown."""
    arch, _, kind = name.partition("-")
    clang, options = KINDS[kind]
    toolchain = ROOT / "tools/toolchains" / f"{arch}{'-clang' if clang else ''}.cmake"
    configure = ["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", f"--toolchain={toolchain}",
                 "-DFATHOM_PROVE=OFF", *(f"-D{option}" for option in options)]
    return run(configure, log) and run(
        ["cmake", "--build", folder, "--parallel", str(os.cpu_count()), "--", "--quiet"], log)


def prove(name: str, folder: pathlib.Path) -> tuple[bool, str]:
    """Whether the kernel is proved, and what the prover says."""
    arch, _, kind = name.partition("-")
    command = ["/usr/bin/python3", ROOT / "tools/prove", "--elf", folder / "fathom.elf"]
    if kind in SAME_CODE:
        command += ["--golden", ROOT / f"tests/data/sites/{arch}.txt"]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    return done.returncode == 0, done.stdout.rstrip()


def boot(name: str, folder: pathlib.Path, log: pathlib.Path) -> bool:
    """The in-kernel tests on two CPUs."""
    return run(["/usr/bin/python3", ROOT / "tools/run", "--quiet", "--arch", name.split("-")[0],
                "--build", folder, "--name", f"matrix-{name}", "--smp", "2", "--mem", "256M",
                "--args", "run=tests", "--timeout", "900"], log)


def check(name: str, boots: bool) -> bool:
    """One build of the matrix, from the sources to the verdict."""
    begin = time.monotonic()
    folder = ROOT / "build" / f"matrix-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "matrix.log"
    log.write_text("")
    if not build(name, folder, log):
        print(f"{name}: does not build\n{log.read_text()}", flush=True)
        return False
    proved, text = prove(name, folder)
    print(text if not proved else f"{name}: {text.partition(': ')[2]}", flush=True)
    if boots and not boot(name, folder, log):
        print(f"{name}: the in-kernel tests fail\n{log.read_text()}", flush=True)
        proved = False
    print(f"{name}: {'ok' if proved else 'NOT OK'}, {time.monotonic() - begin:.0f} s", flush=True)
    return proved


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="*", help="which builds; all by default")
    parser.add_argument("--list", action="store_true", help="name them")
    parser.add_argument("--boot", action="store_true", help="run the in-kernel tests, too")
    options = parser.parse_args()
    if options.list:
        print("\n".join(NAMES))
        return
    unknown = set(options.name) - set(NAMES)
    if unknown:
        parser.error(f"no such build: {', '.join(sorted(unknown))}")
    bad = [name for name in options.name or NAMES if not check(name, options.boot)]
    print(f"matrix: not ok: {', '.join(bad)}" if bad else "matrix: no false alarm")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
