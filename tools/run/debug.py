"""GDB in this terminal: on a run that starts stopped, or on one that is under way."""

import signal
import subprocess
import sys

from . import backtrace
from .elf_entry import first_instruction
from .guest import Guest
from .notes import running
from .options import ROOT, UsageError

COMMANDS = ROOT / "tools" / "gdb" / "fathom.py"


def gdb_command(elf, gdb_socket, *more):
    """GDB with the kernel's symbols and Fathom's commands, connected to the stub; then the commands
    in `more`."""
    command = [backtrace.GDB, "-q", "-ex", "set confirm off", "-ex", f"directory {ROOT}"]
    command += ["-ex", f"target remote {gdb_socket}"]
    if COMMANDS.exists():
        command += ["-x", str(COMMANDS)]
    for line in more:
        command += ["-ex", line]
    return command + [str(elf)]


def debug(options):
    """Boots, stops at the kernel's first instruction and hands the terminal to GDB; QEMU ends with
    it."""
    # The machine starts in firmware; the breakpoint must be a hardware one, since the kernel is
    # not loaded yet.
    to_the_kernel = [f"thbreak *{first_instruction(options.elf):#x}", "continue"]
    with Guest(options) as guest:
        print(f"serial log: {options.log}", flush=True)
        return run_gdb(options.elf, guest.gdb_socket, *to_the_kernel)


def rewind(options):
    """Plays a recording to its end and hands the terminal to GDB there: from then on, backwards."""
    to_the_end = ["tbreak fathom::arch::power_off", "tbreak handle_panic", "continue",
                  "echo the end of the recording: fathom why, reverse-continue, reverse-stepi\\n"]
    with Guest(options) as guest:
        return run_gdb(options.elf, guest.gdb_socket, *to_the_end)


def attach(arch):
    """Joins the newest run of `arch`. The guest stops while GDB is there and goes on after."""
    notes = running(arch)
    if not notes:
        raise UsageError(f"no {arch} kernel is running: start one with make run-*")
    return run_gdb(notes[-1]["elf"], notes[-1]["gdb"])


def run_gdb(elf, gdb_socket, *more):
    # Ctrl-C is GDB's key: it stops the kernel. The terminal sends it to us as well, and what we did
    # about it would end GDB. A handler, as to ignore the signal would be passed on to GDB.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(gdb_command(elf, gdb_socket, *more), check=False).returncode
    except FileNotFoundError:
        print(f"{backtrace.GDB} is missing: make doctor says how to get it", file=sys.stderr)
        return 1
    finally:
        signal.signal(signal.SIGINT, before)
