"""Events as what a reader looks for: who ran where, which sections were open, which pages came.

All times are counter values; spans that were open when the rings begin or end are cut there.
Sections (preemption or interrupts off) nest on a CPU. At a switch those of the leaving thread close
and are opened again when it comes back, unless it was preempted: an interrupt finds none open but
its own.
"""

import dataclasses
from collections.abc import Iterable

from . import rings
from .guest_memory import PAGE
from .rings import Event, Ring
from .threads import Alive

IDLE = 0  # the idle threads' id, on every CPU
TURN_IRQS_OFF, TURN_IRQS_ON = 3, 4  # arch::Turn
INTERRUPTS = {1: "timer", 2: "reschedule", 3: "shootdown", 4: "console"}
CODE_BASE = 0xFFFF << 48  # an event holds the low 48 bits of a code address


@dataclasses.dataclass
class Thread:
    """A thread that the events name. Times are None where the rings do not hold them."""

    id: int
    name: str = ""
    application: bool = False
    stack_bytes: int = 0
    created: int | None = None
    ended: int | None = None


@dataclasses.dataclass
class Span:
    """Something that lasted on a CPU. `thread` is who ran; `what` depends on the kind of span."""

    cpu: int
    thread: int
    begin: int
    end: int
    what: int = 0


@dataclasses.dataclass
class Section(Span):
    """Preemption or interrupts off. `what` is the rule; depth 0 is the outermost."""

    irqs: bool = False
    place: int = 0
    depth: int = 0


@dataclasses.dataclass
class Timeline:
    """A run."""

    begin: int = 0
    end: int = 0
    cpus: list[int] = dataclasses.field(default_factory=list)
    lost: dict[int, int] = dataclasses.field(default_factory=dict)  # by CPU
    first: dict[int, int] = dataclasses.field(default_factory=dict)  # time of each CPU's first
    threads: dict[int, Thread] = dataclasses.field(default_factory=dict)
    runs: list[Span] = dataclasses.field(default_factory=list)
    sections: list[Section] = dataclasses.field(default_factory=list)
    interrupts: list[Span] = dataclasses.field(default_factory=list)
    marks: list[Event] = dataclasses.field(default_factory=list)  # faults, wakes, creations, ends
    events: int = 0
    last_made: dict[int, Thread] = dataclasses.field(default_factory=dict)  # by their creator

    def thread(self, identity: int) -> Thread:
        return self.threads.setdefault(identity, Thread(identity))


class CpuReader:
    """Follows one CPU's events. `parked` holds the open sections of threads that wait, and is
    shared by all CPUs; so events must come in the order of time."""

    def __init__(self, timeline: Timeline, ring: Ring, parked: dict[int, list[Section]]):
        first = ring.events[0]
        self._timeline, self._parked = timeline, parked
        self._cpu = ring.cpu
        self._run = Span(ring.cpu, first.thread, first.time, first.time)
        self._open: list[Section] = []
        self._interrupt: Span | None = None

    def take(self, event: Event) -> None:
        if event.id == rings.CONTEXT_SWITCH:
            self._switch(event)
        elif event.id == rings.PREEMPT_OFF:
            self._enter(event)
        elif event.id == rings.PREEMPT_ON:
            self._leave(event)
        elif event.id == rings.IRQ_ENTER:
            self._interrupt = Span(self._cpu, event.thread, event.time, event.time, event.first)
        elif event.id == rings.IRQ_LEAVE and self._interrupt is not None:
            self._interrupt.end = event.time
            self._timeline.interrupts.append(self._interrupt)
            self._interrupt = None

    def finish(self, time: int) -> None:
        """The rings end here."""
        self._close(0, time)
        self._end_run(time)

    def _switch(self, event: Event) -> None:
        leaving, coming, preempted = event.thread, event.first & (1 << 48) - 1, event.second
        kept = [dataclasses.replace(section) for section in self._open]
        self._close(0, event.time)
        if leaving != IDLE and not preempted:
            self._parked[leaving] = kept
        self._end_run(event.time)
        self._run = Span(self._cpu, coming, event.time, event.time)
        if coming != IDLE:
            self._open = self._parked.pop(coming, [])
        for section in self._open:
            section.begin, section.cpu = event.time, self._cpu

    def _end_run(self, time: int) -> None:
        self._run.end = time
        if self._run.end > self._run.begin:
            self._timeline.runs.append(self._run)

    def _enter(self, event: Event) -> None:
        depth = depth_of(event.first)
        self._close(depth - 1, event.time)
        self._open.append(Section(self._cpu, event.thread, event.time, event.time,
                                  event.second >> 4 & 15, (event.second & 15) == TURN_IRQS_OFF,
                                  CODE_BASE | event.second >> 16, len(self._open)))

    def _leave(self, event: Event) -> None:
        """Closes the innermost section of this kind and rule, and what was opened inside it."""
        key = (event.second >> 4 & 15, (event.second & 15) == TURN_IRQS_ON)
        for index in range(len(self._open) - 1, -1, -1):
            if (self._open[index].what, self._open[index].irqs) == key:
                self._close(index, event.time)
                return

    def _close(self, depth: int, time: int) -> None:
        while len(self._open) > max(depth, 0):
            section = self._open.pop()
            section.end = time
            if section.end > section.begin:
                self._timeline.sections.append(section)


def depth_of(context_word: int) -> int:
    """How many sections and traps the word counts (context/context_word.hpp)."""
    return (context_word & 0xFFFF) + (context_word >> 16 & 0x7FFF)


def build(all_rings: Iterable[Ring], alive: dict[int, Alive]) -> Timeline:
    """The timeline of what the rings hold; `alive` are the threads that have not ended."""
    timeline = Timeline()
    readers: dict[int, CpuReader] = {}
    parked: dict[int, list[Section]] = {}
    events: list[Event] = []
    for ring in all_rings:
        timeline.cpus.append(ring.cpu)
        timeline.lost[ring.cpu] = ring.lost
        timeline.first[ring.cpu] = ring.events[0].time
        readers[ring.cpu] = CpuReader(timeline, ring, parked)
        events += ring.events
    if not events:
        return timeline
    events.sort(key=lambda event: (event.time, event.cpu, event.index))
    timeline.begin, timeline.end, timeline.events = events[0].time, events[-1].time, len(events)
    for event in events:
        readers[event.cpu].take(event)
        note_thread(timeline, event)
    for reader in readers.values():
        reader.finish(timeline.end)
    name_threads(timeline, alive)
    return timeline


def note_thread(timeline: Timeline, event: Event) -> None:
    """What an event says of threads, and whether it is a mark of its own."""
    timeline.thread(event.thread)
    if event.id == rings.THREAD_CREATE:
        made = timeline.thread(event.first & (1 << 48) - 1)
        made.created, made.stack_bytes = event.time, event.second
        timeline.last_made[event.thread] = made
    elif event.id == rings.THREAD_NAME and event.thread in timeline.last_made:
        text = event.first.to_bytes(8, "little") + event.second.to_bytes(8, "little")
        made = timeline.last_made[event.thread]
        made.name = text[:15].split(b"\0")[0].decode(errors="replace")
        made.application = bool(text[15])
    elif event.id == rings.THREAD_EXIT:
        timeline.thread(event.thread).ended = event.time
    if event.id in (rings.STACK_FAULT, rings.WAKE, rings.THREAD_CREATE, rings.THREAD_EXIT,
                    rings.RESERVE_REFILL):
        timeline.marks.append(event)


def name_threads(timeline: Timeline, alive: dict[int, Alive]) -> None:
    """Names that no event told, because tracing began later or the event was overwritten."""
    for thread in timeline.threads.values():
        if thread.id == IDLE:
            thread.name = "idle"
        elif not thread.name and thread.id in alive:
            known = alive[thread.id]
            thread.name, thread.application = known.name, known.application
            thread.stack_bytes = known.stack_pages * PAGE
