"""`fathom trace` and `fathom faults`: the trace rings, as trace/event.hpp lays them out."""

import struct

import gdb

from . import kernel

# trace/event.hpp: EventId. Append only, there and here.
NAMES = {1: "stack_fault", 2: "context_switch", 3: "wake", 4: "irq_enter", 5: "irq_leave",
         6: "preempt_off", 7: "preempt_on", 8: "thread_create", 9: "thread_exit",
         10: "reserve_refill", 11: "thread_name"}
STACK_FAULT = 1
INTERRUPTS = {1: "timer", 2: "reschedule", 3: "shootdown", 4: "console"}
# What the payload means, as trace/describe.cpp has it.
WORDS = {
    "stack_fault": lambda first, second: f"address {first:#018x}, page {second} from the top",
    "context_switch": lambda first, second: (f"to thread {first}" if first else "to idle")
                      + (", preempted" if second else ""),
    "wake": lambda first, second: f"thread {first} on cpu {second}",
    "irq_enter": lambda first, _: INTERRUPTS.get(first, "unknown"),
    "irq_leave": lambda first, _: INTERRUPTS.get(first, "unknown"),
    "preempt_off": lambda first, second: f"rule {second >> 4 & 15}, word {first:#x}",
    "preempt_on": lambda first, second: f"rule {second >> 4 & 15}, word {first:#x}",
    "thread_create": lambda first, second: f"thread {first}, stack {second}",
    "thread_exit": lambda first, _: f"value {first}",
    "reserve_refill": lambda first, second: f"{first} frames, {second} had waited",
    "thread_name": lambda first, second: struct.pack("<QQ", first, second)[:15].split(b"\0")[0]
                   .decode(errors="replace"),
}
ENTRY = struct.Struct("<QQQQ")  # cycles, what, payload[2]


class Event:
    """One slot of a ring."""

    def __init__(self, cycles, what, first, second):
        self.cycles = cycles
        self.id = what & 0xFF
        self.cpu = what >> 8 & 0xFF
        self.thread = what >> 16
        self.payload = (first, second)

    def describe(self):
        first, second = self.payload
        words = WORDS.get(NAMES.get(self.id), lambda *payload: f"{payload[0]} {payload[1]}")
        details = words(first, second)
        return (f"{self.cycles:>16}  cpu {self.cpu:<2} thread {self.thread:<8} "
                f"{NAMES.get(self.id, self.id):<14} {details}")


def ring_events(ring, entries_offset, capacity):
    """The events of one ring in memory, oldest first."""
    claimed = kernel.read_words(ring, 1)[0]
    if claimed == 0:
        return
    data = gdb.selected_inferior().read_memory(ring + entries_offset, capacity * ENTRY.size)
    slots = list(ENTRY.iter_unpack(data.tobytes()))
    for index in range(max(0, claimed - capacity), claimed):
        event = Event(*slots[index % capacity])
        if event.id != 0:
            yield event


def all_events():
    """The events of all CPUs, oldest first."""
    ring = gdb.lookup_type("fathom::trace::Ring")
    entries = next(field for field in ring.fields() if field.name == "entries")
    capacity = entries.type.range()[1] + 1
    base = kernel.symbol_address("fathom_trace_rings")
    cpus = int(gdb.parse_and_eval("fathom::kMaxCpus"))
    events = []
    for cpu in range(cpus):
        events += ring_events(base + cpu * ring.sizeof, entries.bitpos // 8, capacity)
    return sorted(events, key=lambda event: event.cycles)


def print_last(events, words, default):
    count = kernel.number(words[0]) if words else default
    shown = events[-count:] if count else []
    for event in shown:
        kernel.say(event.describe())
    kernel.say(f"{len(shown)} of {len(events)} events")


class Trace(kernel.Command):
    """Prints the latest trace events of all CPUs, oldest first.

    fathom trace [COUNT]      32 unless told"""

    name = "trace"

    def run(self, words):
        print_last(all_events(), words, 32)


class Faults(kernel.Command):
    """Prints the latest stack faults: who touched which page.

    fathom faults [COUNT]     16 unless told"""

    name = "faults"

    def run(self, words):
        print_last([event for event in all_events() if event.id == STACK_FAULT], words, 16)


Trace()
Faults()
