"""The names of the threads that are alive in a guest's memory, and of the idle ones."""

import re
import struct
import subprocess
from typing import NamedTuple

from .guest_memory import GuestMemory

GDB = "gdb-multiarch"
SLOTS_IN_CHUNK = 512
NAME_SIZE = 16
# fathom::(anonymous)::chunks and chunk_count of sched/thread_table.cpp.
CHUNKS = "_ZN6fathom12_GLOBAL__N_16chunksE"
CHUNK_COUNT = "_ZN6fathom12_GLOBAL__N_111chunk_countE"
FIELDS = ("thread_id", "name_text", "lazy_stack", "stack_top", "stack_pages")


class Alive(NamedTuple):
    """A thread in the table."""

    name: str
    application: bool
    stack_top: int
    stack_pages: int


def field_offsets(elf) -> dict[str, int]:
    """Offsets in fathom::Thread, by the debugger's knowledge of it."""
    command = [GDB, "-nx", "-batch", "-ex", "set language c++"]
    for field in FIELDS:
        command += ["-ex", f"printf \"{field} %lu\\n\", (unsigned long)"
                           f"&((fathom::Thread*)0)->{field}"]
    done = subprocess.run([*command, str(elf)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, check=True)
    found = {name: int(value) for name, value in re.findall(r"^(\w+) (\d+)$", done.stdout,
                                                            re.MULTILINE)}
    if set(found) != set(FIELDS):
        raise RuntimeError(f"{elf}: its debug information does not describe fathom::Thread")
    return found


def in_table(memory: GuestMemory):
    """The address of each thread's control block, by slot."""
    count = memory.word(memory.image_address(CHUNK_COUNT))
    chunks = memory.image_address(CHUNKS)
    for index in range(count):
        chunk = memory.virtual(memory.word(chunks + 8 * index), 8 * SLOTS_IN_CHUNK)
        for word in struct.unpack(f"<{SLOTS_IN_CHUNK}Q", chunk):
            if word != 0 and word & 1 == 0:
                yield word


def alive(memory: GuestMemory) -> dict[int, Alive]:
    """{thread id: what is known} of all threads in the table."""
    offsets = field_offsets(memory.elf)

    def field(block: int, name: str, layout: str) -> int:
        size = struct.calcsize(layout)
        return struct.unpack(layout, memory.virtual(block + offsets[name], size))[0]

    found = {}
    for block in in_table(memory):
        text = memory.virtual(block + offsets["name_text"], NAME_SIZE)
        found[field(block, "thread_id", "<Q")] = Alive(
            text.split(b"\0")[0].decode(errors="replace"), field(block, "lazy_stack", "<B") != 0,
            field(block, "stack_top", "<Q"), field(block, "stack_pages", "<I"))
    return found
