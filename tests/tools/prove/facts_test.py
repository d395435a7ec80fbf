"""Records and facts: each says one thing, of code that does just that."""

import unittest

from snippet import kinds, prove

from prove.facts import believed

X86 = "x86_64"
ARM = "aarch64"


class SiteRecords(unittest.TestCase):
    def test_two_records_for_one_place_are_refused_in_any_order(self):
        text = """
            entry e, 1
            off 4, 128
            .pushsection .stack_sites, "a"
            .long   771b - .
            .byte   1 | 4 << 4
            .byte   772b - 771b
            .short  {}
            .popsection
            on 4
            ud2"""
        for window in (64, 128, 256):
            self.assertIn("record", kinds(X86, text.format(window)))

    def test_there_are_five_rules(self):
        text = """
            entry e, 1
            off 4, 128
            off {}
            on 3
            on 4
            ud2"""
        self.assertEqual(kinds(X86, text.format(3)), set())
        self.assertIn("record", kinds(X86, text.format(9)))
        self.assertIn("record", kinds(X86, text.format(0)))

    def test_a_kernel_has_threads(self):
        texts = {f.text for f, _ in prove(X86, "function e\n ud2").findings}
        self.assertIn("there are no thread entries", texts)


class Facts(unittest.TestCase):
    MASK = """
            entry e, 1
            {off}
            fact 6, 1f, 2f
        1:  {inside}
        2:  {on}
            {end}"""
    X86 = {"off": "irqs_off 4", "on": "irqs_on 4", "end": "ud2"}

    def test_interrupts_are_opened_for_a_moment_and_nothing_else_is_done(self):
        right = "sti\n hlt\n cli"
        self.assertEqual(kinds(X86, self.MASK.format(inside=right, **self.X86)), set())
        for wrong in ("sti\n hlt", "nop\n cli", "sti\n sub rsp, 3900\n add rsp, 3900\n cli",
                      "sti\n call [rdi]\n cli", "sti", right + "\n push rax\n pop rax"):
            self.assertIn("open-world", kinds(X86, self.MASK.format(inside=wrong, **self.X86)),
                          wrong)

    def test_so_whatever_else_is_done_is_seen(self):
        found = kinds(X86, self.MASK.format(inside="call [rdi]", **self.X86))
        self.assertEqual(found, {"open-world", "indirect", "too-deep"})

    def test_the_other_stack_pointer_is_set_while_it_is_in_use(self):
        text = """
            entry e, 1
            mrs x9, tpidr_el1
        771: msr daifset, #2
            ldr w10, [x9]
            add w10, w10, #16, lsl #12
            str w10, [x9]
            record 3, 4
            fact 6, 1f, 2f
        1:  msr spsel, #1
            {}
            msr spsel, #0
        2:  brk #0"""
        self.assertEqual(kinds(ARM, text.format("mov sp, x0")), set())
        self.assertIn("open-world", kinds(ARM, text.format("str x0, [sp, #-16]!")))

    def test_where_the_cpu_stops_it_does_nothing_more(self):
        text = """
            entry e, 1
            off 4, 128
            fact 12, 1f
        1:  {}"""
        self.assertEqual(kinds(X86, text.format("cli\n 2: hlt\n jmp 2b")), set())
        for bytes_of_padding in range(1, 16):  # in front of the loop: Clang aligns it
            self.assertEqual(kinds(X86, text.format(
                f".nops {bytes_of_padding}\n 2: cli\n hlt\n jmp 2b")), set())
        for wrong in ("sub rsp, 3900\n push rax\n ud2", "hlt\n ret", "sti\n 2: hlt\n jmp 2b",
                      "push ax\n 2: hlt\n jmp 2b"):
            self.assertIn("no-end", kinds(X86, text.format(wrong)), wrong)
        self.assertEqual(kinds(ARM, text.format("msr daifset, #15\n 2: wfi\n b 2b")), set())
        self.assertIn("no-end", kinds(ARM, text.format("msr daifclr, #2\n 2: wfi\n b 2b")))


    def test_what_is_believed_is_listed(self):
        program = prove(X86, "entry e, 1\n fact 1, 1f, 9\n 1: call [rdi]\n ud2").program
        place = program.image.address_of["e"] + 13
        self.assertIn((place, "call: calls functions of this class only"), believed(program))


class Classes(unittest.TestCase):
    def test_one_fact_is_about_one_call(self):
        text = """
            entry e, 1
        2:  fact 2 + (9 << 8), 2b, f
            fact 1, 1f, 9
        1:  jne 3f
            call [rdi]
            ud2
        3:  {}
            ud2
            function f
            ret"""
        self.assertEqual(kinds(X86, text.format("call f")), set())
        self.assertIn("indirect", kinds(X86, text.format("call [rsi]")))

    def test_behind_a_call_of_nothing_the_way_goes_on(self):
        text = """
            entry e, 1
            fact 1, 1f, {}
        1:  call [rdi]
            {}
            ud2"""
        for group in (9, 255):
            self.assertEqual(kinds(X86, text.format(group, "nop")), set())
            self.assertEqual(kinds(X86, text.format(group, "cli")), {"open-world"})
        self.assertEqual(kinds(X86, "entry e, 1\n call [rdi]\n cli\n ud2"),
                         {"open-world", "indirect"})


if __name__ == "__main__":
    unittest.main()
