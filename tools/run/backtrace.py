"""A backtrace of every CPU of a running guest, taken through QEMU's GDB stub."""

import subprocess

GDB = "gdb-multiarch"


def take(elf, gdb_socket, timeout=60.0):
    """The backtraces as text, or a line that says why there are none. Leaves the guest stopped."""
    # The architecture is not set here: set before connecting, GDB would ignore the target's own.
    command = [GDB, "-nx", "-batch", "-ex", "set pagination off", "-ex", "set height 0",
               "-ex", f"target remote {gdb_socket}", "-ex", "thread apply all bt 24", str(elf)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout,
                              errors="replace", check=False)
    except FileNotFoundError:
        return f"no backtrace: {GDB} is not installed\n"
    except subprocess.TimeoutExpired:
        return f"no backtrace: the GDB stub gave no answer in {timeout:.0f} s\n"
    return done.stdout
