"""The timeline as trace JSON (Chrome's trace event format), for ui.perfetto.dev and speedscope.

Two processes: "CPUs", whose tracks hold what ran with the sections and interrupts inside it, and
"threads", whose tracks hold where each ran, its stack faults and its count of pages. A microsecond
there is a thousand steps of the counter.
"""

import json
import pathlib

from . import rings
from .model import IDLE, INTERRUPTS, Timeline
from .places import Place

CPUS, THREADS = 1, 2
STEPS_IN_MICROSECOND = 1000


def write(path: pathlib.Path, timeline: Timeline, places: dict[int, Place], unit: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"traceEvents": list(events_of(timeline, places)), "displayTimeUnit": "ns",
               "otherData": {"unit": f"1 us = {STEPS_IN_MICROSECOND} {unit}"}}
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def events_of(timeline: Timeline, places: dict[int, Place]):
    """Every trace event; slices of a track nest."""
    yield from headings(timeline)
    zero = timeline.begin

    def slice_of(process, track, span, name, category, **arguments):
        return {"ph": "X", "pid": process, "tid": track, "name": name, "cat": category,
                "ts": (span.begin - zero) / STEPS_IN_MICROSECOND,
                "dur": (span.end - span.begin) / STEPS_IN_MICROSECOND, "args": arguments}

    for span in timeline.runs:
        yield slice_of(CPUS, span.cpu, span, label(timeline, span.thread), "run",
                       thread=span.thread)
        if span.thread != IDLE:
            yield slice_of(THREADS, span.thread, span, f"CPU {span.cpu}", "run", cpu=span.cpu)
    for span in timeline.sections:
        what = "interrupts off" if span.irqs else "preemption off"
        place = places[span.place]
        yield slice_of(CPUS, span.cpu, span, f"rule {span.what}: {place.function}",
                       f"{what},rule{span.what}", what=what, rule=span.what, where=place.source)
    for span in timeline.interrupts:
        yield slice_of(CPUS, span.cpu, span, INTERRUPTS.get(span.what, "interrupt"), "interrupt")
    yield from faults(timeline)


def headings(timeline: Timeline):
    """Names of processes and tracks."""
    def heading(kind, process, track, name):
        return {"ph": "M", "pid": process, "tid": track, "name": kind, "args": {"name": name}}

    yield heading("process_name", CPUS, 0, "CPUs")
    yield heading("process_name", THREADS, 0, "threads")
    for cpu in timeline.cpus:
        yield heading("thread_name", CPUS, cpu, f"CPU {cpu}")
    for thread in timeline.threads.values():
        if thread.id != IDLE:
            yield heading("thread_name", THREADS, thread.id, label(timeline, thread.id))


def faults(timeline: Timeline):
    """An instant for each stack fault, and the thread's pages so far as a counter."""
    pages: dict[int, int] = {}
    for event in timeline.marks:
        if event.id != rings.STACK_FAULT:
            continue
        when = (event.time - timeline.begin) / STEPS_IN_MICROSECOND
        pages[event.thread] = pages.get(event.thread, 1) + 1
        yield {"ph": "i", "s": "t", "pid": THREADS, "tid": event.thread, "ts": when,
               "name": "stack fault", "cat": "fault",
               "args": {"address": f"{event.first:#x}", "page": event.second}}
        yield {"ph": "C", "pid": THREADS, "ts": when,
               "name": f"stack pages of {label(timeline, event.thread)}",
               "args": {"pages": pages[event.thread]}}


def label(timeline: Timeline, identity: int) -> str:
    name = timeline.threads[identity].name
    return name if identity == IDLE else f"{name} {identity}".lstrip()
