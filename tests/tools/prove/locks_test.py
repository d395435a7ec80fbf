"""Spinlocks: as many are given back as are taken, and none is held where a section ends."""

import unittest

from snippet import kinds

X86 = "x86_64"
TAKE = "1: lock xadd word ptr [rdi], ax\n fact 4, 1b, 1"
GIVE = "mov word ptr [rdi], ax\n 2: fact 5, 2b"
# Interrupts are on again if nobody else wants them off.
MAYBE_ON = """
        771: sub dword ptr gs:0x10, 0x10000
            test dword ptr gs:0x10, 0x7fff0000
            jne 773f
            sti
            cmp dword ptr gs:0x10, 0
        773: record 4, 5
"""
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

    def test_interrupts_that_may_be_off_are_not_on(self):
        """f is entered with interrupts off, how often is not known."""
        text = "\n".join(["off 4, 128", "irqs_off 3", "call f", "ud2", "function f", "off 3",
                          MAYBE_ON, "{}", "ud2", "function g", "{}", "ud2"])
        take = TAKE.replace("1b, 1", "1b, 0") + "\n" + GIVE + "\n nop"
        self.assertEqual(self.found(text.format(take, "")), {"lock"})
        for inside in (take, "test dword ptr gs:0x10, 0x7fff0000\n je 1f\n cli\n 1:"):
            self.assertEqual(self.found(text.format("call g", inside)), {"unknown-context"})
        self.assertEqual(self.found(text.format("", "")), set())

    def test_none_that_interrupts_take_is_held_where_they_are_on(self):
        text = "\n".join(["off 4, 128", "{}", "irqs_off 3", "{}", "{}", "{}", "nop", "on 4", "ud2"])
        other = TAKE.replace("1b, 1", "1b, 0")
        wait = "fact 6, 3f, 4f\n 3: sti\n hlt\n cli\n 4:"
        for before, first, second, after, found in (
                ("", TAKE, MAYBE_ON, GIVE, {"lock"}), ("", TAKE, GIVE + "\n nop", MAYBE_ON, set()),
                (other, "", MAYBE_ON, GIVE, set()), (other, TAKE, MAYBE_ON, GIVE, {"lock"}),
                ("", TAKE, wait, GIVE + "\n nop\n" + MAYBE_ON, {"lock"}),
                ("", wait, TAKE, GIVE + "\n nop\n" + MAYBE_ON, set())):
            self.assertEqual(self.found(text.format(before, first, second, after)), found)

    def test_no_thread_is_switched_with_one_held(self):
        text = "\n".join(["irqs_off 4", TAKE, "{}", GIVE, "nop", "{}", "irqs_on 4", "ud2",
                          "function f", "fact 10, f, 1", "ret"])
        self.assertNotIn("lock", self.found(text.format("", "call f")))
        self.assertIn("lock", self.found(text.format("call f", "")))


if __name__ == "__main__":
    unittest.main()
