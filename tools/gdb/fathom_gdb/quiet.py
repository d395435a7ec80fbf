"""Letting the kernel run for a reason of our own, without a word from GDB."""

import contextlib
import os
import pathlib

import gdb

STDOUT = 1


def read_by_program():
    """Whether an editor reads what GDB prints (gdb --interpreter=mi) and must not miss a stop."""
    words = pathlib.Path("/proc/self/cmdline").read_bytes().decode(errors="replace").split("\0")
    return any(word.lstrip("-").startswith(("interpreter=mi", "i=mi")) for word in words)


@contextlib.contextmanager
def quiet():
    """GDB prints no stops meanwhile. It has a setting for some of the words and none for others, so
    its standard output leads nowhere."""
    if read_by_program():
        yield
        return
    gdb.flush()
    before = os.dup(STDOUT)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), STDOUT)
    try:
        yield
    finally:
        gdb.flush()
        os.dup2(before, STDOUT)
        os.close(before)
