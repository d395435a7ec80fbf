"""A guest and a GDB on it, for the tests of Fathom's GDB commands."""

import argparse
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

# pylint: disable=wrong-import-position
from run.guest import Guest
from run.options import RunOptions

GDB = "gdb-multiarch"
SECTION = "=== "


def boot(arch, build, arguments, debug=False, smp=1):
    """A Guest (a context manager): the kernel with this command line; `debug` starts it stopped."""
    name = f"gdb.{arch}.{pathlib.Path(sys.argv[0]).stem}"
    log = pathlib.Path(build) / "logs" / f"{name}.log"
    return Guest(RunOptions(arch=arch, build=build, args=arguments, smp=smp, debug=debug,
                            quiet=True, name=name, log=log))


def gdb(guest, *commands):
    """Runs GDB commands on the guest; {command: its output}. The guest goes on afterwards."""
    arguments = [GDB, "-nx", "-batch", "-ex", "set pagination off", "-ex", "set width 0",
                 "-ex", "set confirm off", "-ex", f"target remote {guest.gdb_socket}",
                 "-x", str(ROOT / "tools" / "gdb" / "fathom.py")]
    for command in commands:
        arguments += ["-ex", f"echo {SECTION}{command}\\n", "-ex", command]
    done = subprocess.run(arguments + [str(guest.options.elf)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                          errors="replace", check=False)
    return split(done.stdout)


def split(text):
    """{command: output} of a session's text; what came before the first is under ""."""
    sections = {"": []}
    current = ""
    for line in text.splitlines():
        if line.startswith(SECTION):
            current = line[len(SECTION):]
            sections[current] = []
        else:
            sections[current].append(line)
    return {command: "\n".join(lines) for command, lines in sections.items()}


def expect(condition, what, output=""):
    """A failed expectation ends the test, with what was seen."""
    if not condition:
        raise SystemExit(f"FAILED: {what}\n{output}")


def wait_until_hung(guest):
    """Until the trigger spin_for_ever spins: attaches, looks, detaches."""
    expect(guest.wait_for("panic_test=spin_for_ever", 60), "the trigger was started",
           "\n".join(guest.lines))
    for _ in range(40):
        output = gdb(guest, "bt 3")["bt 3"]
        if "spin_for_ever" in output:
            return
        time.sleep(0.25)
    expect(False, "the kernel spins in spin_for_ever", output)


def arguments():
    """The command line of a test script."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", required=True, choices=("x86_64", "aarch64"))
    parser.add_argument("--build", required=True, type=pathlib.Path)
    return parser.parse_args()
