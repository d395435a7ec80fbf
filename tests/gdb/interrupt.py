#!/usr/bin/python3
"""Ctrl-C in a terminal stops the kernel and leaves GDB there, in `--debug` and in `attach`.

What would break without it: the key that one presses first at a hang ends GDB and QEMU, or leaves a
kernel stopped that somebody else runs.
"""

import os
import pty
import select
import sys
import time

import session

# pylint: disable=wrong-import-position
from run.qmp import Qmp

CTRL_C = "\x03"
PROMPT = "(gdb) "
SPIN = "panic_test=spin_for_ever"
# What tools/run attach does once it has found the guest: another test's may be newer than ours.
ATTACH = "import sys; from run import debug; sys.exit(debug.run_gdb(*sys.argv[1:]))"


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, command):
        self.text = ""
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", PYTHONPATH=str(session.ROOT / "tools"))
            os.execv(command[0], command)

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def expect(self, wanted, seconds=120):
        """Reads until `wanted` has come; what came before is forgotten."""
        deadline = time.monotonic() + seconds
        while wanted not in self.text:
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([self.screen], [], [], left)[0]
            session.expect(ready, f"{wanted!r} on the terminal", self.text)
            try:
                self.text += os.read(self.screen, 65536).decode(errors="replace")
            except OSError:  # the program has ended
                session.expect(False, f"{wanted!r} before the end", self.text)
        self.text = self.text.partition(wanted)[2]

    def status(self):
        """Waits for the end; the exit status."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def stop_twice(terminal):
    """Lets the kernel run and stops it by the key, two times: GDB answers after each."""
    for number in (41, 42):
        terminal.type("continue\n")
        terminal.expect("Continuing.")
        time.sleep(1)
        terminal.type(CTRL_C)
        terminal.expect("SIGINT")
        terminal.expect(PROMPT)
        terminal.type(f"print {number} * 2\n")
        terminal.expect(f" = {number * 2}")
        terminal.expect(PROMPT)


def check_debug(options):
    log = options.build / "logs" / f"gdb.{options.arch}.interrupt.debug.log"
    terminal = Terminal([sys.executable, str(session.ROOT / "tools" / "run"), "--arch",
                         options.arch, "--build", str(options.build), "--smp", "1", "--debug",
                         "--args", SPIN, "--log", str(log)])
    terminal.expect(PROMPT)
    stop_twice(terminal)
    terminal.type("quit\n")
    session.expect(terminal.status() == 0, "GDB was left by its own word")


def check_attach(options):
    with session.boot(options.arch, options.build, SPIN) as guest:
        session.wait_until_hung(guest)
        terminal = Terminal([sys.executable, "-c", ATTACH, str(guest.options.elf),
                             str(guest.gdb_socket)])
        terminal.expect(PROMPT)
        stop_twice(terminal)
        terminal.type("quit\n")
        session.expect(terminal.status() == 0, "GDB was left by its own word")
        with Qmp(guest.qmp_socket) as qmp:
            status = qmp.execute("query-status")["status"]
        session.expect(status == "running", "the kernel goes on", status)


def main():
    options = session.arguments()
    check_debug(options)
    check_attach(options)
    print("ok: Ctrl-C stops the kernel only")


if __name__ == "__main__":
    main()
