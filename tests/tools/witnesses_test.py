#!/usr/bin/python3
"""The lint finds the functions that take a witness, and nothing else.

What would break without it: a function that the analysis knows nothing of, or a copy of the sources
that does not compile.
"""

import unittest

from lint import witnesses

ATOMIC, PREEMPTIBLE = witnesses.ATOMIC, witnesses.PREEMPTIBLE


class Annotate(unittest.TestCase):
    def expect(self, text, expected):
        self.assertEqual(witnesses.annotate(text), expected)

    def test_a_declaration(self):
        self.expect("void f(int, Preemptible here);",
                    f"void f(int, Preemptible here) {PREEMPTIBLE};")

    def test_a_definition_with_qualifiers(self):
        self.expect("int f(Atomic) const noexcept {", f"int f(Atomic) const noexcept {ATOMIC} {{")

    def test_a_constructor(self):
        self.expect("X(IrqsDisabled irqs) : irqs_(irqs) {}",
                    f"X(IrqsDisabled irqs) {ATOMIC} : irqs_(irqs) {{}}")

    def test_a_list_over_several_lines_keeps_its_lines(self):
        text = "void f(int a,\n       Atomic atomic)\n{"
        self.assertEqual(witnesses.annotate(text).count("\n"), text.count("\n"))
        self.assertIn(ATOMIC, witnesses.annotate(text))

    def test_a_lambda(self):
        self.expect("auto f = [&](Atomic atomic) {", f"auto f = [&](Atomic atomic) {ATOMIC} {{")

    def test_no_witness_no_attribute(self):
        for text in ("call(here);", "// takes (Preemptible here);", 'log("(Atomic)");',
                     "X<Atomic> x;", "Atomic atomic = outer;"):
            self.expect(text, text)


if __name__ == "__main__":
    unittest.main()
