#!/usr/bin/python3
"""Events become the spans that really were.

What would break without it: a section that seems to stay open over a switch, a preempted thread
that seems atomic while it waits, names that go to the wrong thread, rings read with a wrong size.
"""

import unittest

from timeline import html_page, model, rings
from timeline.rings import Event, Ring

OFF, ON = rings.PREEMPT_OFF, rings.PREEMPT_ON
PREEMPT_OFF, PREEMPT_ON, IRQS_OFF, IRQS_ON = 1, 2, 3, 4
IRQ_DEPTH = 1 << 16


def section(turn, rule, pc=0x8010_0000):
    return turn | rule << 4 | pc << 16


class Cpu:
    """Writes down the events of one CPU, a step of the clock apart unless told."""

    def __init__(self, cpu=0):
        self.cpu, self.events, self.time = cpu, [], 100

    def add(self, kind, thread, first=0, second=0, at=None):
        self.time = at if at is not None else self.time + 10
        self.events.append(
            Event(self.time, self.cpu, len(self.events), kind, thread, first, second))

    def ring(self, lost=0):
        return Ring(self.cpu, self.events, lost)


def spans(found):
    return [(span.begin, span.end, span.what) for span in found]


class Model(unittest.TestCase):
    def test_sections_nest_and_carry_their_rule(self):
        cpu = Cpu()
        cpu.add(OFF, 7, 1, section(PREEMPT_OFF, 4))
        cpu.add(OFF, 7, 1 + IRQ_DEPTH, section(IRQS_OFF, 3))
        cpu.add(ON, 7, 1 + IRQ_DEPTH, section(IRQS_ON, 3))
        cpu.add(ON, 7, 1, section(PREEMPT_ON, 4))
        timeline = model.build([cpu.ring()], {})
        self.assertEqual(spans(timeline.sections), [(120, 130, 3), (110, 140, 4)])
        self.assertEqual([(s.depth, s.irqs) for s in timeline.sections], [(1, True), (0, False)])
        self.assertEqual(hex(timeline.sections[0].place), "0xffff000080100000")

    def test_a_section_that_waits_is_open_only_while_its_thread_runs(self):
        cpu = Cpu()
        cpu.add(OFF, 7, IRQ_DEPTH, section(IRQS_OFF, 4))
        cpu.add(rings.CONTEXT_SWITCH, 7, 8, 0)
        cpu.add(rings.WAKE, 8, 7, 0)
        cpu.add(rings.CONTEXT_SWITCH, 8, 7, 0)
        cpu.add(ON, 7, IRQ_DEPTH, section(IRQS_ON, 4))
        timeline = model.build([cpu.ring()], {})
        self.assertEqual(spans(timeline.sections), [(110, 120, 4), (140, 150, 4)])
        self.assertEqual([(s.thread, s.begin, s.end) for s in timeline.runs],
                         [(7, 110, 120), (8, 120, 140), (7, 140, 150)])

    def test_a_preempted_thread_comes_back_with_nothing_open(self):
        cpu = Cpu()
        cpu.add(OFF, 7, IRQ_DEPTH, section(IRQS_OFF, 3))
        cpu.add(rings.CONTEXT_SWITCH, 7, 8, 1)
        cpu.add(rings.CONTEXT_SWITCH, 8, 7, 0)
        cpu.add(rings.WAKE, 7, 8, 0)
        timeline = model.build([cpu.ring()], {})
        self.assertEqual(spans(timeline.sections), [(110, 120, 3)])

    def test_an_end_without_a_begin_opens_nothing(self):
        cpu = Cpu()
        cpu.add(ON, 7, IRQ_DEPTH, section(IRQS_ON, 4))
        cpu.add(OFF, 7, 1, section(PREEMPT_OFF, 4))
        timeline = model.build([cpu.ring()], {})
        self.assertEqual(timeline.sections, [])

    def test_interrupts_have_a_kind_and_a_length(self):
        cpu = Cpu()
        cpu.add(rings.IRQ_ENTER, 7, 1)
        cpu.add(rings.IRQ_LEAVE, 7, 1, at=500)
        self.assertEqual(spans(model.build([cpu.ring()], {}).interrupts), [(110, 500, 1)])

    def test_names_go_to_the_thread_that_its_creator_told_of_last(self):
        cpu, other = Cpu(), Cpu(1)
        name = int.from_bytes(b"search\0\0", "little"), 1 << 56
        cpu.add(rings.THREAD_CREATE, 7, 20, 65536)
        other.add(rings.THREAD_CREATE, 9, 30, 4096, at=111)
        cpu.add(rings.THREAD_NAME, 7, *name)
        timeline = model.build([cpu.ring(), other.ring()], {})
        made = timeline.threads[20]
        self.assertEqual((made.name, made.application, made.stack_bytes), ("search", True, 65536))
        self.assertEqual(timeline.threads[30].name, "")

    def test_the_page_gets_columns_that_give_back_the_times(self):
        cpu = Cpu()
        cpu.add(rings.STACK_FAULT, 7, 0xFFFF_A300_0001_BFD8, 5)
        cpu.add(rings.STACK_FAULT, 7, 0xFFFF_A300_0001_AFD8, 6)
        columns = html_page.columns_of(model.build([cpu.ring(lost=3)], {}), {})
        self.assertEqual(columns["faults"]["time"], [0, 10])
        self.assertEqual(columns["faults"]["first"][0], 0xA300_0001_BFD8)
        self.assertEqual(columns["cpus"], [{"cpu": 0, "lost": 3, "first": 0}])


class FakeMemory:
    """A ring area as GuestMemory shows it: 16 rings of 4 slots, CPU 1's has gone round."""

    def __init__(self):
        size = 64 * ((32 + 4 * 32 + 63) // 64)
        self.symbols = {rings.RINGS: (0, 16 * size)}
        self._bytes = bytearray(16 * size)
        self._bytes[size:size + 8] = (6).to_bytes(8, "little")
        for index in range(2, 6):
            at = size + 32 + index % 4 * 32
            words = (1000 + index, 3 | 1 << 8 | 7 << 16 if index != 4 else 0, index, 0)
            self._bytes[at:at + 32] = rings.ENTRY.pack(*words)

    def in_image(self, virtual):
        return virtual

    def physical(self, address, size):
        return bytes(self._bytes[address:address + size])

    def word(self, address):
        return int.from_bytes(self.physical(address, 8), "little")


class Rings(unittest.TestCase):
    def test_a_ring_that_has_gone_round_gives_its_newest_and_skips_what_was_being_written(self):
        found, = rings.read_all(FakeMemory())
        self.assertEqual((found.cpu, found.lost), (1, 2))
        self.assertEqual([event.first for event in found.events], [2, 3, 5])
        self.assertEqual({event.thread for event in found.events}, {7})


if __name__ == "__main__":
    unittest.main()
