#!/usr/bin/python3
"""The prover on what other compilers and levels make of the same sources: no false alarm in any.

    tools/matrix.py                     every build of the matrix, in build/matrix-*
    tools/matrix.py x86_64-gcc-O3 ...   these; --list names them all
    tools/matrix.py --boot              run the in-kernel tests of each, too
    tools/matrix.py --windows           which windows are larger than any build so far has needed

The tables in tests/data/sites are what the pinned compiler makes at -O2. Of every other build it is
proved that each rule holds and that no section goes deeper than its window. A build is deleted when
it has passed (--keep: it is not); what was proved of it stays in build/report/matrix.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
WINDOWS = (128, 256, 512, 768, 1024, 1536, 2048, 3072)  # what a site may sensibly state
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
    "clang-O1": (True, ["FATHOM_OPTIMIZE=-O1"]),
    "clang-O2": (True, []),
    "clang-O3": (True, ["FATHOM_OPTIMIZE=-O3"]),
    "clang-Os": (True, ["FATHOM_OPTIMIZE=-Os"]),
    "clang-lto": (True, ["FATHOM_LTO=ON"]),
    "clang-invariants": (True, ["FATHOM_STACK_INVARIANTS=ON"]),
    "clang-hardened": (True, ["FATHOM_STACK_INVARIANTS=ON", "FATHOM_HARDENED=ON"]),
}
# Those of the release's sources: the same rules in the same contexts.
SAME_CODE = [kind for kind in KINDS if not kind.endswith(("-invariants", "-hardened"))]
NAMES = [f"{arch}-{kind}" for kind in KINDS for arch in ARCHES]
PROOFS = ROOT / "build/report/matrix"


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
    PROOFS.mkdir(parents=True, exist_ok=True)
    command = ["/usr/bin/python3", ROOT / "tools/prove", "--elf", folder / "fathom.elf",
               "--json", PROOFS / f"{name}.json"]
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


def check(name: str, boots: bool, keep: bool) -> bool:
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
    if proved and not keep:
        shutil.rmtree(folder)
    return proved


def windows() -> list[str]:
    """Where in the kernel a smaller window would hold in every build that has been proved here."""
    deepest: dict[str, tuple[int, int, str]] = {}
    for path in sorted(PROOFS.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8"))["sites"]:
            if row["window"] and row["depth"] is not None and row["source"].startswith("kernel/"):
                depth, window, build_of = deepest.get(row["source"], (-1, 0, ""))
                if row["depth"] > depth:
                    depth, build_of = row["depth"], path.stem
                deepest[row["source"]] = depth, max(window, row["window"]), build_of
    found = []
    for source, (depth, window, build_of) in sorted(deepest.items()):
        least = next((size for size in WINDOWS if size >= depth), window)
        if least < window:
            found.append(f"{source}: at most {depth} deep ({build_of}): a window of {least} would "
                         f"do (has {window})")
    return found


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="*", help="which builds; all by default")
    parser.add_argument("--list", action="store_true", help="name them")
    parser.add_argument("--boot", action="store_true", help="run the in-kernel tests, too")
    parser.add_argument("--keep", action="store_true", help="do not delete what has passed")
    parser.add_argument("--windows", action="store_true", help="which could be smaller")
    options = parser.parse_args()
    if options.list:
        print("\n".join(NAMES))
        return
    if options.windows:
        print("\n".join(windows()))
        return
    unknown = set(options.name) - set(NAMES)
    if unknown:
        parser.error(f"no such build: {', '.join(sorted(unknown))}")
    bad = [name for name in options.name or NAMES if not check(name, options.boot, options.keep)]
    print(f"matrix: not ok: {', '.join(bad)}" if bad else "matrix: no false alarm")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
