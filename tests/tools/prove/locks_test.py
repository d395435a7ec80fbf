"""Spinlocks: as many are given back as are taken, and none is held where a section ends."""

import unittest

from snippet import kinds

X86 = "x86_64"
TAKE = "1: lock xadd word ptr [rdi], ax\n fact 4, 1b, 1"
GIVE = "mov word ptr [rdi], ax\n 2: fact 5, 2b"
REOPENED = {"too-deep", "returns-atomic"}  # f, with no window, returns in a section of its own


class Locks(unittest.TestCase):
    def found(self, *lines: str) -> set[str]:
        return kinds(X86, "entry e, 1\n" + "\n".join(lines))

    def test_none_is_given_back_that_is_not_held(self):
        section = ["irqs_off 4", "{}", "{}", "irqs_on 4", "ud2"]
        for first, second, wrong in ((TAKE, GIVE, False), (GIVE, TAKE, True), (GIVE, "nop", True),
                                     (TAKE, "nop", True)):
            lines = "\n".join(section).format(first, second + "\n nop")
            self.assertEqual(self.found(lines), {"lock"} if wrong else set())

    def test_a_callee_that_opens_interrupts_does_it_without_the_callers_locks(self):
        callee = ["function f", "irqs_on 4", "irqs_off 4", "ret"]
        around = ["irqs_off 4", TAKE, "{}", GIVE, "nop", "{}", "irqs_on 4", "ud2"]
        text = "\n".join(around + callee)
        self.assertEqual(self.found(text.format("", "call f")), REOPENED)
        self.assertEqual(self.found(text.format("call f", "")), REOPENED | {"lock"})

    def test_a_callee_may_give_back_what_its_caller_took(self):
        text = "\n".join(["irqs_off 4", "{}", "call f", "irqs_on 4", "ud2", "function f", GIVE,
                          "nop", "irqs_on 4", "irqs_off 4", "ret"])
        self.assertEqual(self.found(text.format(TAKE)), REOPENED)
        self.assertEqual(self.found(text.format("")), REOPENED | {"lock"})

    def test_no_thread_is_switched_with_one_held(self):
        text = "\n".join(["irqs_off 4", TAKE, "{}", GIVE, "nop", "{}", "irqs_on 4", "ud2",
                          "function f", "fact 10, f, 1", "ret"])
        self.assertNotIn("lock", self.found(text.format("", "call f")))
        self.assertIn("lock", self.found(text.format("call f", "")))


if __name__ == "__main__":
    unittest.main()
