"""Memory at the moment when a function is reached: stacks, frames, address ranges."""

import dataclasses
import pathlib
import subprocess
import tempfile

from run.guest import Guest
from run.options import RunOptions, UsageError
from timeline import threads
from timeline.guest_memory import DIRECT_MAP, PAGE, GuestMemory

GDB = "gdb-multiarch"
TIME_TO_GET_THERE = 300

# docs/architecture.md, "Address space".
LAZY_STACKS = (0xFFFFA00000000000, 0xFFFFB40000000000)
POPULATED_STACKS = (0xFFFFC00000000000, 0xFFFFC10000000000)
REGIONS = [("direct map of RAM and devices", 0xFFFF800000000000, LAZY_STACKS[0]),
           ("lazily populated stacks", *LAZY_STACKS),
           ("address-space ranges", LAZY_STACKS[1], POPULATED_STACKS[0]),
           ("populated stacks: kernel threads, idle, traps", *POPULATED_STACKS),
           ("the kernel image", 0xFFFFFFFF80000000, (1 << 64) - 1)]

# mm/frame.hpp: 16 bytes for each frame, the kind at 4, the order at 5.
FRAME_BYTES = 16
FRAME_FREE, FRAME_TABLE, FRAME_HEAP = 1, 3, (4, 5, 6)
FRAME_RESERVED, LAST_KIND, LAST_ORDER = 0, 6, 20
FRAME_ARRAY = "_ZN6fathom2mm6detail11frame_arrayE"

# What a frame is used for, as the page names it; a frame gets the first that holds.
USES = ("lazy stack", "populated stack", "kernel image", "page table", "heap", "free",
        "handed out otherwise", "reserved by firmware")
(LAZY, POPULATED, IMAGE, TABLE, HEAP, FREE, OTHER, RESERVED) = range(8)
ENTRY_ADDRESS = 0x0000FFFFFFFFF000


@dataclasses.dataclass
class Stack:
    """A thread's stack; `populated` are (page from the top, count) runs."""

    thread: int
    name: str
    application: bool
    top: int
    pages: int
    populated: list[tuple[int, int]]


@dataclasses.dataclass
class Snapshot:
    """One machine at one moment."""

    label: str
    stacks: list[Stack]
    frames: list[tuple[int, int]]       # (use, count) runs from the first frame of RAM on
    regions: list[tuple[str, int, int, int]]  # name, begin, end, bytes mapped
    ram_base: int


def take(options: RunOptions, label: str, function: str, hit: int) -> Snapshot:
    """Boots, stops when `function` (a mangled name's beginning) is reached for the `hit`th time,
    and reads the memory of the stopped machine."""
    address = function_address(options.elf, function)
    with tempfile.TemporaryDirectory(prefix="fathom-memory-") as folder:
        options.ram_file = pathlib.Path(folder) / "ram"
        frozen = pathlib.Path(folder) / "frozen"
        options.debug = True  # it waits for GDB
        with Guest(options) as guest:
            commands = [f"target remote {guest.gdb_socket}", f"hbreak *{address:#x}",
                        f"ignore 1 {hit - 1}", "continue", "printf \"stopped at %#lx\\n\", $pc",
                        f"shell cp --sparse=always {options.ram_file} {frozen}"]
            output = run_gdb(options.elf, commands)
        if f"stopped at {address:#x}" not in output:
            raise UsageError(f"{function} was not reached {hit} times:\n{output[-2000:]}")
        return read(GuestMemory(options.elf, frozen), label)


def function_address(elf: pathlib.Path, beginning: str) -> int:
    """Where the function begins whose mangled name begins so."""
    names = subprocess.run(["nm", str(elf)], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in names.splitlines():
        words = line.split()
        if len(words) == 3 and words[1] in "tT" and words[2].startswith(beginning):
            return int(words[0], 16)
    raise UsageError(f"{elf} has no function {beginning}...")


def run_gdb(elf: pathlib.Path, commands: list[str]) -> str:
    arguments = [GDB, "-nx", "-batch", "-ex", "set pagination off"]
    for command in commands:
        arguments += ["-ex", command]
    done = subprocess.run([*arguments, str(elf)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=TIME_TO_GET_THERE,
                          check=False)
    return done.stdout


def read(memory: GuestMemory, label: str) -> Snapshot:
    """The snapshot of a stopped machine's memory."""
    uses = frame_kinds(memory)
    for begin, use in ((LAZY_STACKS, LAZY), (POPULATED_STACKS, POPULATED)):
        for _, size, entry in memory.leaves(*begin):
            mark(uses, memory, (entry & ENTRY_ADDRESS), size, use)
    for begin, size in memory.image_ranges():
        mark(uses, memory, begin, size, IMAGE)
    regions = [(name, begin, end, sum(size for _, size, _ in memory.leaves(begin, end)))
               for name, begin, end in REGIONS]
    return Snapshot(label, read_stacks(memory), runs_of(uses), regions, memory.ram_base)


def read_stacks(memory: GuestMemory) -> list[Stack]:
    """Every thread's stack, by thread id."""
    found = []
    for thread, known in sorted(threads.alive(memory).items()):
        if known.stack_pages == 0:
            continue
        lowest = known.stack_top - (known.stack_pages + 1) * PAGE  # one page is for prefaults
        pages = sorted((known.stack_top - address) // PAGE - 1
                       for address, _, _ in memory.leaves(lowest, known.stack_top))
        found.append(Stack(thread, known.name, known.application, known.stack_top,
                           known.stack_pages, join(pages)))
    return found


def join(pages: list[int]) -> list[tuple[int, int]]:
    """Rising numbers as (first, count) runs."""
    runs: list[tuple[int, int]] = []
    for page in pages:
        if runs and sum(runs[-1]) == page:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((page, 1))
    return runs


def frame_kinds(memory: GuestMemory) -> bytearray:
    """The use of each frame of RAM, as far as the frame array tells it."""
    array = memory.word(memory.image_address(FRAME_ARRAY))
    first = first_described(memory, array)
    skipped = first - memory.ram_base // PAGE
    count = memory.ram_bytes // PAGE
    uses = bytearray([RESERVED]) * count
    records = memory.virtual(array + first * FRAME_BYTES, (count - skipped) * FRAME_BYTES)
    for frame in range(skipped, count):
        at = (frame - skipped) * FRAME_BYTES
        kind, order = records[at + 4], records[at + 5]
        if kind == FRAME_FREE:
            uses[frame:frame + (1 << order)] = bytearray([FREE]) * (1 << order)
        elif kind == FRAME_TABLE:
            uses[frame] = TABLE
        elif kind in FRAME_HEAP:
            uses[frame] = HEAP
        elif kind != FRAME_RESERVED and uses[frame] != FREE:
            uses[frame] = OTHER
    return uses


def first_described(memory: GuestMemory, array: int) -> int:
    """The frame that the array's first entry is for. The kernel keeps only the address that frame
    0's entry would have, and the array begins with a page (mm/frame_allocator.cpp, init_frames()):
    so it is one frame of 256. Either the array lies in it, or it is one that was given out."""
    own, rest = divmod(array - DIRECT_MAP, PAGE - FRAME_BYTES)
    if rest == 0:
        return own
    lowest = memory.ram_base // PAGE
    entries = PAGE // FRAME_BYTES
    lowest += -(lowest + (array % PAGE) // FRAME_BYTES) % entries
    for first in range(lowest, lowest + memory.ram_bytes // PAGE, entries):
        page = memory.virtual(array + first * FRAME_BYTES, PAGE)
        if page[4] != FRAME_RESERVED and all(
                page[at + 4] <= LAST_KIND and page[at + 5] <= LAST_ORDER and page[at + 7] <= 1
                for at in range(0, PAGE, FRAME_BYTES)):
            return first
    raise UsageError("the kernel's array of frames was not found")


def mark(uses: bytearray, memory: GuestMemory, physical: int, size: int, use: int) -> None:
    begin = (physical - memory.ram_base) // PAGE
    count = -(-size // PAGE)
    if 0 <= begin and begin + count <= len(uses):
        uses[begin:begin + count] = bytearray([use]) * count


def runs_of(uses: bytearray) -> list[tuple[int, int]]:
    runs: list[list[int]] = []
    for use in uses:
        if runs and runs[-1][0] == use:
            runs[-1][1] += 1
        else:
            runs.append([use, 1])
    return [(use, count) for use, count in runs]

