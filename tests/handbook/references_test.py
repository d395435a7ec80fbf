#!/usr/bin/python3
"""The checks of what the documentation names refuse what is not there.

What would break without it: a check that any text passes, as three of these once were.
"""

import unittest

import book
import references

PAGE = book.ROOT / "README.md"


def complaints(text):
    return [message for check in (references.paths, references.lines, references.targets)
            for message in check(PAGE, text)]


class References(unittest.TestCase):
    def refused(self, *texts):
        for text in texts:
            self.assertEqual(len(complaints(text)), 1, text)

    def accepted(self, *texts):
        for text in texts:
            self.assertEqual(complaints(text), [], text)

    def test_a_target_is_one_that_has_a_rule(self):
        self.refused("make junit", "make build-nonsense", "make configured", "make gdb-mips",
                     "make build-base", "make rum-*")
        self.accepted("make run-x86", "make build-aarch64-release", "make build-host", "make run-*",
                      "record-arm: make record-x86, and make sure of it")

    def test_a_file_is_there_however_it_is_named(self):
        self.refused("`kernel/mm/nothing.cpp`", "`mm/nothing.hpp`", "`nothing.cpp`",
                     "`kernel/<x>/nothing.cpp`", "`kernel/<arch>/trap.cpp`", "`tests/nothing/`",
                     "`readers/{acpi,nothing}.hpp`", "`kernel/arch/*/nothing.S`")
        self.accepted("`kernel/mm/heap.hpp`", "`mm/heap.hpp`", "`heap.hpp`", "`tests/sweep/`",
                      "`kernel/arch/<arch>/trap.cpp`", "`readers/{acpi,tar}.hpp`",
                      "`kernel/arch/*/vectors.S`", "`build/report/anything.html`", "`tests/sweep`")

    def test_a_line_holds_something(self):
        blank = (book.ROOT / "kernel/mm/heap.hpp").read_text("utf-8").splitlines().index("") + 1
        self.assertIn(f"heap.hpp:{blank}: there is nothing on that line",
                      complaints(f"see kernel/mm/heap.hpp:{blank}")[0])
        self.refused("see kernel/mm/nothing.cpp:12", "kernel/mm/heap.hpp:99999",
                     "kernel/mm/heap.hpp:1: calls no_such_function, deep",
                     "kernel/mm/heap.hpp:...: calls no_such_function, deep")
        self.accepted("see kernel/mm/heap.hpp:1", "kernel/mm/heap.hpp:...: mm::heap_allocate\n")

    def test_a_symbol_is_a_whole_word(self):
        self.refused("`kernel/mm/heap.hpp` (`eap_alloc`)", "`kernel/mm/heap.hpp` (`heap_alloc()`)")
        self.accepted("`kernel/mm/heap.hpp` (`heap_allocate()`)")


if __name__ == "__main__":
    unittest.main()
