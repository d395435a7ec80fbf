#!/usr/bin/python3
"""A CPU that comes later than the kernel waits for it stays out, and nobody misses it.

    late_cpus.py [options of tools/run: --arch, --build, --smp]

What would break without it: such a CPU went online with nobody to refill its frame reserve, and
came up on the early trap stacks that the next CPU starts on.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The kernel gives each CPU no time at all. Then threads spread over all CPUs that it has.
WORK = "run=park,tests park=300 cpu_patience=0 'test=main: *'"


def main(arguments):
    cpus = int(arguments[arguments.index("--smp") + 1])
    with tempfile.TemporaryDirectory(prefix="fathom-late-") as folder:
        log = pathlib.Path(folder) / "log"
        command = [sys.executable, str(ROOT / "tools" / "run"), "--quiet", *arguments,
                   "--args", WORK, "--log", str(log)]
        if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            return "the run itself is not good"
        text = log.read_text(errors="replace")
    late = re.findall(r"CPU (\d+) \(hardware id \d+\) did not start: ", text)
    online = re.search(rf"(\d+) of {cpus} CPUs online", text)
    print(f"{len(late)} of {cpus} CPUs came late, {online and online.group(1)} are online")
    if not late:
        return "nobody was late, which shows nothing"
    return 0 if online and int(online.group(1)) == cpus - len(late) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
