#!/usr/bin/python3
"""Adds file:line and the source line to the addresses of a panic report.

    tools/log_filter.py --elf build/x86_64-release/fathom.elf serial.log
    make run-x86 | tools/log_filter.py --elf build/x86_64-release/fathom.elf

The kernel names functions from a table in its image (kernel/panic/symbols.cpp) and knows no lines.
This program asks addr2line, and shows calls that the compiler inlined as well:

      #1   0xffffffff80104f2b  Semaphore::wait +0x2b
             kernel/sync/semaphore.cpp:31      queue_.park(here);

Everything else passes through unchanged. On a terminal, a source line that does not fit beside its
place stands below it. Standard library only; used by tests and by hand.
"""

import argparse
import pathlib
import re
import shutil
import struct
import subprocess
import sys

import terminal

ROOT = pathlib.Path(__file__).resolve().parents[1]

# The lines that carry a code address, as kernel/panic/ prints them.
BACKTRACE = re.compile(r"^\s*#(\d+)\s+(0x[0-9a-f]{16})\s")
NEAREST_SITE = re.compile(r"^\s*Nearest site: .*\((0x[0-9a-f]{16})\)")
INDENT = " " * 9
TOOL_PREFIX = {62: "x86_64-linux-gnu-", 183: "aarch64-linux-gnu-"}  # ELF e_machine


def addr2line_for(elf):
    """The addr2line of the ELF file's architecture, or the host's if that is missing."""
    with open(elf, "rb") as file:
        header = file.read(20)
    if header[:4] != b"\x7fELF":
        raise SystemExit(f"log_filter: {elf} is no ELF file")
    prefix = TOOL_PREFIX.get(struct.unpack_from("<H", header, 18)[0], "")
    return shutil.which(prefix + "addr2line") or "addr2line"


class Lines:
    """Asks one addr2line process for places; source files are read once."""

    def __init__(self, elf):
        # -i: inlined calls too, innermost first; -a: echo the address, so that answers can be told
        # apart (each has an unknown number of lines).
        command = [addr2line_for(elf), "-e", str(elf), "-a", "-i"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True)
        self._sources = {}

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def places(self, address):
        """[(path, line number)] for a code address, innermost first; [] if nothing is known."""
        # The second question, for an address that is nowhere, ends the first one's answer.
        self._process.stdin.write(f"{address:#x}\n0\n")
        self._process.stdin.flush()
        found = []
        self._process.stdout.readline()  # the address
        while not (line := self._process.stdout.readline()).startswith("0x"):
            path, _, number = line.strip().partition(" (")[0].rpartition(":")
            if number.isdigit() and path != "??":
                found.append((path, int(number)))
        self._process.stdout.readline()  # "??:0" for address 0
        return found

    def source(self, path, number):
        """The text of a source line, or "" where the file cannot be read."""
        if path not in self._sources:
            try:
                text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = ""
            self._sources[path] = text.splitlines()
        lines = self._sources[path]
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""


class LogFilter:
    """Feeds on a log line by line; gives each back with what could be added below it."""

    def __init__(self, elf, columns=None):
        """`columns`: the width that the reader's terminal has, or None."""
        self._lines = Lines(elf)
        self._columns = columns

    def close(self):
        self._lines.close()

    def feed(self, line):
        """The line and its additions, as a list."""
        address = code_address(line)
        if address is None:
            return [line]
        return [line] + [self._describe(*place) for place in self._lines.places(address)]

    def _describe(self, path, number):
        where = f"{shorten(path)}:{number}"
        source = self._lines.source(path, number)
        line = f"{INDENT}{where:<36}  {source}".rstrip()
        if self._columns is None or len(line) <= self._columns:
            return line
        return f"{INDENT}{where}\n" + terminal.clip(f"{INDENT}  {source}", self._columns)


def code_address(line):
    """The address to look up for a line of the report, or None. A return address is taken back by
    one byte, into the call."""
    entry = BACKTRACE.match(line)
    if entry:
        return int(entry.group(2), 16) - (1 if int(entry.group(1)) > 0 else 0)
    site = NEAREST_SITE.match(line)
    return int(site.group(1), 16) if site else None


def shorten(path):
    """A path below the project as it is written in the project."""
    try:
        return str(pathlib.Path(path).resolve().relative_to(ROOT))
    except ValueError:
        return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--elf", required=True, help="the kernel that wrote the log")
    parser.add_argument("log", nargs="?", default="-", help="serial log, or - for standard input")
    options = parser.parse_args()
    log = sys.stdin if options.log == "-" else open(options.log, encoding="utf-8", errors="replace")
    log_filter = LogFilter(options.elf, terminal.columns_of(sys.stdout))
    try:
        for line in log:
            print(*log_filter.feed(line.rstrip("\n")), sep="\n", flush=True)
    except BrokenPipeError:
        pass
    finally:
        log_filter.close()


if __name__ == "__main__":
    main()
