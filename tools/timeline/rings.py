"""The trace rings in a guest's memory (kernel/trace/event.hpp)."""

import struct
from typing import NamedTuple

from .guest_memory import GuestMemory

MAX_CPUS = 16
RINGS = "fathom_trace_rings"
ENTRY = struct.Struct("<QQQQ")
ENTRIES_OFFSET = 32  # behind `claimed`

# EventId: append only, there and here.
(STACK_FAULT, CONTEXT_SWITCH, WAKE, IRQ_ENTER, IRQ_LEAVE, PREEMPT_OFF, PREEMPT_ON, THREAD_CREATE,
 THREAD_EXIT, RESERVE_REFILL, THREAD_NAME) = range(1, 12)


class Event(NamedTuple):
    """One slot. `index` counts the CPU's events from its first; `thread` is who ran."""

    time: int
    cpu: int
    index: int
    id: int
    thread: int
    first: int
    second: int


class Ring(NamedTuple):
    """What is left of one CPU's events, and how many were overwritten."""

    cpu: int
    events: list[Event]
    lost: int


def read_all(memory: GuestMemory) -> list[Ring]:
    """The rings of all CPUs that recorded anything."""
    address, size = memory.symbols[RINGS]
    ring_size = size // MAX_CPUS
    capacity = 1 << ((ring_size - ENTRIES_OFFSET) // ENTRY.size).bit_length() - 1
    begin = memory.in_image(address)
    rings = [read_ring(memory, begin + cpu * ring_size, cpu, capacity) for cpu in range(MAX_CPUS)]
    return [ring for ring in rings if ring.events]


def read_ring(memory: GuestMemory, address: int, cpu: int, capacity: int) -> Ring:
    """The events of the ring at a physical address, oldest first. A slot that was being written
    when the machine ended is left out."""
    claimed = memory.word(address)
    slots = list(ENTRY.iter_unpack(memory.physical(address + ENTRIES_OFFSET,
                                                   capacity * ENTRY.size)))
    oldest = max(0, claimed - capacity)
    events = []
    for index in range(oldest, claimed):
        time, what, first, second = slots[index % capacity]
        if what != 0:
            events.append(Event(time, cpu, index, what & 0xFF, what >> 16, first, second))
    # An interrupt between the claim of a slot and the reading of the clock can turn two around.
    events.sort(key=lambda event: event.time)
    return Ring(cpu, events, oldest)
