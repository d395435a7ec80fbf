#!/usr/bin/python3
"""The handbook's diagrams show what the sources say, and in no language but the reader's.

What would break without it: a picture in which a trap leads nowhere, or a layer includes a higher
one, because a pattern over the sources misses a form that they have.
"""

import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
# pylint: disable=wrong-import-position
from handbook import diagrams

UPCALLS = {"handle_timer_interrupt", "handle_reschedule_ipi", "handle_shootdown_ipi",
           "handle_inspection_ipi", "handle_console_interrupt", "before_interrupt_return",
           "handle_page_fault_trap", "handle_fatal_trap", "handle_debug_trap", "handle_stop"}
KNOWN = {
    "x86_64": {("fathom_handle_page_fault", "handle_page_fault_trap"),
               ("fathom_handle_debug", "handle_debug_trap"),
               ("fathom_handle_trap", "handle_interrupt"),
               ("handle_interrupt", "handle_timer_interrupt"),
               ("handle_interrupt", "before_interrupt_return")},
    "aarch64": {("fathom_handle_sync", "handle_page_fault"),
                ("fathom_handle_sync", "handle_other_sync"),
                ("handle_page_fault", "handle_page_fault_trap"),
                ("handle_other_sync", "begin_system_call"),
                ("handle_other_sync", "handle_debug_trap"),
                ("begin_system_call", "system_call.S"),
                ("fathom_handle_irq", "handle"), ("handle", "handle_timer_interrupt"),
                ("fathom_handle_irq", "before_interrupt_return")},
}
# On both: what an upcall does about it.
BEYOND = {("handle_page_fault_trap", "mm::serve_first_touch"),
          ("handle_page_fault_trap", "handle_unusual_fault"),
          ("handle_unusual_fault", "report_broken_rule"),
          ("handle_unusual_fault", "wait_for_memory"),
          ("before_interrupt_return", "switch_away_from_trap"),
          ("system_call.S", "fathom_system_call")}
# A test of an upcall's answer is no call from the upcall.
FALSE = {("handle_debug_trap", "handle_fatal_trap")}


def words(dot):
    """The text of a diagram, as graphviz draws it."""
    svg = subprocess.run(["dot", "-Tsvg"], input=dot, text=True, check=True,
                         stdout=subprocess.PIPE).stdout
    return [text.text for text in xml.etree.ElementTree.fromstring(svg).iter()
            if text.tag.endswith("}text")]


class Traps(unittest.TestCase):
    def test_what_a_trap_leads_to_is_drawn(self):
        for arch, known in KNOWN.items():
            edges = diagrams.trap_edges(arch)
            self.assertEqual((known | BEYOND) - edges, set(), arch)
            self.assertEqual(FALSE & edges, set(), arch)

    def test_every_upcall_is_reached_and_no_handler_leads_nowhere(self):
        for arch in KNOWN:
            edges = diagrams.trap_edges(arch)
            callers, callees = ({edge[i] for edge in edges} for i in (0, 1))
            self.assertEqual(UPCALLS - callees, set(), arch)
            ends = {name for name in callees - callers
                    if name.startswith("fathom_handle") or name.startswith("handle")}
            # These three do their work by a pointer, a flag and a halt.
            self.assertEqual(ends - {"handle_debug_trap", "handle_inspection_ipi", "handle_stop",
                                     "handle_reschedule_ipi", "handle_tick"}, set(), arch)


class Layers(unittest.TestCase):
    def test_no_include_points_up(self):
        order = diagrams.LAYERS.index
        self.assertEqual([pair for pair in diagrams.includes() if order(pair[0]) < order(pair[1])],
                         [])

    def test_known_pairs_are_counted_and_written(self):
        counts = diagrams.includes()
        for pair in (("mm", "context"), ("sched", "mm"), ("main", "sched"), ("arch", "lib")):
            self.assertGreater(counts.get(pair, 0), 5, pair)
        self.assertEqual(words(diagrams.layers()).count("context"), 2)


class Stack(unittest.TestCase):
    def test_sizes_are_said_in_kibibytes(self):
        text = " ".join(words(diagrams.stack()))
        self.assertIn("4 KiB for prefaults", text)
        self.assertIn("64 KiB of gap", text)
        self.assertNotRegex(text, r"\bk[A-Z]|KiB\(")
        self.assertGreaterEqual(text.count("page edge"), 3)


if __name__ == "__main__":
    unittest.main()
