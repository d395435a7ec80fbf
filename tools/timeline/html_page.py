"""The timeline as one HTML page: here the model becomes columns of numbers, timeline*.js draw."""

import pathlib
from collections.abc import Iterable

from report import page

from . import rings
from .model import Timeline
from .places import Place

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = [HERE / name for name in ("timeline_data.js", "timeline_draw.js", "timeline_overview.js",
                                    "timeline_search.js", "timeline.js")]
ADDRESS = (1 << 48) - 1  # the upper bits are ones in every address of the kernel


def write(path: pathlib.Path, timeline: Timeline, places: dict[int, Place], arch: str,
          subtitle: str, unit: str) -> None:
    """Writes the page; `unit` is what a step of the clock is."""
    data = {"arch": arch, "unit": unit} | columns_of(timeline, places)
    body = (HERE / "timeline.html").read_text(encoding="utf-8")
    page.write(path, f"timeline of a run, {arch}", subtitle, body, [HERE / "timeline.css"], SCRIPTS,
               {"timeline": data})


def columns_of(timeline: Timeline, places: dict[int, Place]) -> dict:
    """Everything that the page draws. Times begin at 0; a column "begin" or "time" holds steps from
    one entry to the next, which pack well."""
    order = sorted(timeline.threads.values(), key=lambda thread: (
        not thread.application, thread.created is not None, thread.created or 0, thread.id))
    index = {thread.id: number for number, thread in enumerate(order)}
    place_list = sorted(places)
    place_index = {address: number for number, address in enumerate(place_list)}
    zero = timeline.begin

    def spans(found, **more) -> dict:
        ordered = sorted(found, key=lambda span: (span.begin, -span.end))
        return {"begin": steps(span.begin - zero for span in ordered),
                "length": [span.end - span.begin for span in ordered],
                "cpu": [span.cpu for span in ordered],
                "thread": [index[span.thread] for span in ordered],
                "what": [span.what for span in ordered],
                **{name: [get(span) for span in ordered] for name, get in more.items()}}

    def marks(kind: int, first, second) -> dict:
        found = [event for event in timeline.marks if event.id == kind]
        return {"time": steps(event.time - zero for event in found),
                "cpu": [event.cpu for event in found],
                "thread": [index[event.thread] for event in found],
                "first": [first(event.first) for event in found],
                "second": [second(event.second) for event in found]}

    def thread_of(identity: int) -> int:
        return index.get(identity & ADDRESS, -1)

    return {
        "length": timeline.end - zero, "events": timeline.events,
        "cpus": [{"cpu": cpu, "lost": timeline.lost[cpu], "first": timeline.first[cpu] - zero}
                 for cpu in timeline.cpus],
        "threads": {"id": [t.id for t in order], "name": [t.name for t in order],
                    "stack": [t.stack_bytes for t in order],
                    "application": [int(t.application) for t in order],
                    "created": [since(t.created, zero) for t in order],
                    "ended": [since(t.ended, zero) for t in order]},
        "places": [list(places[address]) for address in place_list],
        "runs": spans(timeline.runs),
        "sections": spans(timeline.sections, irqs=lambda s: int(s.irqs), depth=lambda s: s.depth,
                          place=lambda s: place_index[s.place]),
        "interrupts": spans(timeline.interrupts),
        "faults": marks(rings.STACK_FAULT, lambda address: address & ADDRESS, int),
        "wakes": marks(rings.WAKE, thread_of, int),
        "refills": marks(rings.RESERVE_REFILL, int, int),
    }


def since(time: int | None, zero: int) -> int:
    return -1 if time is None else time - zero


def steps(values: Iterable[int]) -> list[int]:
    """Each value's distance from the one before it."""
    found, last = [], 0
    for value in values:
        found.append(value - last)
        last = value
    return found
