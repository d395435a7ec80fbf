"""Fathom's commands for GDB: `source tools/gdb/fathom.py`, then `help fathom`.

make gdb-x86, gdb-arm, attach-x86 and attach-arm load it by themselves. Works on both architectures
with gdb-multiarch over QEMU's stub; everything is read from memory and DWARF, nothing is called in
the kernel.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

# pylint: disable=wrong-import-position,unused-import
import gdb
from fathom_gdb import (apply, break_rule, breakpoints, frames, page_walk,  # noqa: F401
                        printers, rules, sites, stacks, threads, tracing, why)

# So that a backtrace can be read in a terminal of 80 columns.
gdb.execute("set print elements 24")
gdb.execute("set print frame-arguments scalars")
