#!/usr/bin/python3
"""The kernel's count of stack faults is that of QEMU, which delivered them.

    fault_counts.py [options of tools/run: --arch, --build, --smp]

What would break without it: a fault that is counted twice, or not at all on one of its ways; every
figure per fault would be wrong with it.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# docs/architecture.md: 18 classes of lazily populated stacks, 1 TiB each.
STACKS = range(0xFFFF_A000_0000_0000, 0xFFFF_A000_0000_0000 + 18 * (1 << 40))
COUNTED = re.compile(r"^fathom: (\d+) stack faults", re.MULTILINE)
# One record of `-d int`: x86_64 has vector 14 and CR2 in a line, aarch64 the FAR below the header.
RECORDED = {
    "x86_64": re.compile(r"^ *\d+: v=0e .* CR2=([0-9a-f]{16})", re.MULTILINE),
    "aarch64": re.compile(r"^Taking exception 4 \[Data Abort\].*\n(?:\.\.\..*\n)*?"
                          r"\.\.\.with FAR 0x([0-9a-f]+)$", re.MULTILINE),
}
# Many threads, few of them deep, then one that is very deep.
WORK = "run=search,park,tests park=300 'test=mm: deep*'"


def main(arguments):
    arch = arguments[arguments.index("--arch") + 1]
    with tempfile.TemporaryDirectory(prefix="fathom-faults-") as folder:
        log, traps = pathlib.Path(folder) / "log", pathlib.Path(folder) / "traps"
        command = [sys.executable, str(ROOT / "tools" / "run"), "--quiet", *arguments,
                   "--args", WORK, "--log", str(log), "--trap-log", str(traps)]
        if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            return "the run itself is not good"
        counted = COUNTED.search(log.read_text(errors="replace"))
        recorded = [int(address, 16) for address in RECORDED[arch].findall(traps.read_text())]
    if counted is None:
        return "the kernel did not say how many stack faults it counted"
    faults = [address for address in recorded if address in STACKS]
    print(f"the kernel counted {counted.group(1)} stack faults, QEMU {len(faults)}")
    if len(faults) < 500:
        return "so few faults show nothing"
    return 0 if int(counted.group(1)) == len(faults) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
